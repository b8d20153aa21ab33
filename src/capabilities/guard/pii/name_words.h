// Words that names of people, places and organisations are made of: frequent ones in many
// languages, far from all.
#pragma once

#include "capabilities/guard/pii/word_set.h"

namespace credence::guard {

// clang-format off
// Given names that are seldom anything else.
inline constexpr WordSet<4096> kGivenNames(
    "aaron abdul abdullah abigail adam adebayo aditya adriana adrián agnieszka agus ahmed ahmet "
    "aino aisha ajay akira akosua alain alan albert alberto alejandro aleksandra alessandro "
    "alessia alexander alexandre alexei alexey alexis alice alistair amanda amelia amina aminata "
    "amit amy amélie ananya anastasia anders andrea andreas andrei andrew andrey andrzej andré "
    "andrés angela angelo angus anil anita anja anjali ann anna annette annika anouk anthony "
    "antoine anton antonio antti aoife arjun arthur ashley ashok astrid attila audrey aurélie "
    "ava axel ayumi ayşe barbara beata beatriz benjamin benoît bernard bernd betty beverly bilal "
    "billy birgit birgitta björn bjørn bobby bogdan bohdan boris bożena bradley bram brandon "
    "brenda brian bridget brigitte brittany bruce bruno bryan budi burak caitlin caleb callum "
    "cameron camila camille carl carlos carol carolyn catarina caterina catherine celeste "
    "charles cheryl chiamaka chiara chinedu chloe chloé christina christine christophe "
    "christopher claire claude claudia colin connor constantin cornelis craig cristina cynthia "
    "céline daan daniel danielle danuta darin dariusz david davide davor deborah debra deepa "
    "deepak delvis denise dennis derek dewi diana diane diego dieter dimitrios diogo divya "
    "dmitri dmitry domenico donald donna doris dorota dorothy douglas dragan duncan dylan ebba "
    "edward eero eino ekaterina elena eleni elias elif elijah elisa elisabeth elizabeth ella "
    "elżbieta emeka emil emilie emily emine emma emre enrico enrique eric erik erika erin "
    "erzsébet eszter ethan eugene evan evelyn ewa ewan faisal fatima fatma fatou federica "
    "federico felipe felix femke ferenc fernanda fernando finn fiona florian frances francesca "
    "francesco francisco françois françoise fredrik freya frieda friedrich frédéric funmilayo "
    "gabriel gabriele galina gareth gary geeta gemma gennaro george georgios gerald gerhard "
    "gerrit gheorghe gianni gina giorgia giovanna giovanni gisela giulia giuseppe gloria gonzalo "
    "gonçalo goran graham gregory greta grzegorz guadalupe gudrun guillaume gurpreet gustav "
    "gustavo guðrún gábor gérard göran günter günther halina hamish hamza hana hanna hannah hans "
    "harold harper harpreet harry haruto hasan hassan heather heidi heike heinrich heinz helen "
    "helga helmut hendrik henry henryk hilary hiroshi horst hugo hussein hyun håkan håvard "
    "hélène hüseyin ian ibrahim ignacio igor ilona ilse imogen imran ingeborg ingrid inès inês "
    "ioana ioannis irena irina isaac isabel isabella isabelle isla istván ivan ivana iván jacek "
    "jaclyn jacob jacqueline jacques jadwiga jakub james jamie jan jana janet janice janina "
    "janusz jaroslav jarosław jason javier jeanne jeffrey jennifer jens jeremy jerry jerzy jesse "
    "jessica jesús jihoon jisoo jiří joan joanna joaquín joe johan johanna johannes john johnny "
    "jonas jonathan jonheidur joost jorge josef josefa joseph joshua josé jovana joyce joão juan "
    "judit judith judy juhani jukka julia juliana julie julien juliette juma justin józef józsef "
    "jørgen jürgen kacper kaisa kamau kamil karel karen kari karim karin karl katalin katarzyna "
    "katelyn katerina kateřina katharina katherine kathleen kathryn katie katrin kavita kayla "
    "kazimierz kees keiko keith kelly kenji kenneth kevin khadija khalid kimberly kirsten "
    "kjersti klaudia klaus knut kofi konstantin konstantinos krešimir krishna kristina krystyna "
    "krzysztof ksenia kwame kyle kåre lakshmi larissa larry lars laura lauren laurent lawrence "
    "layla leandro leila lena lenka leo leon leonie lerato leslie letícia liam linda ling linnea "
    "lisa ljubica lorenzo lori lotte louis louise luc lucas lucia lucía ludmila luigi luis lukas "
    "luke lukáš lászló léa maarten maciej mads magdalena magnus mahesh mamadou manfred manon "
    "manuel marcin marco marcus marek margaret margareta margarida maria mariam marian mariana "
    "marie marija marijke marilyn mario marit mariusz markus marta martha martin martina mary "
    "mateo mateusz mathieu matteo matthew matthias matti mattias maxim maxime małgorzata meera "
    "megan megumi mehmet melissa merve mette mia michael michał michel michelle miguel mihaela "
    "mihai mika mikael mikhail mikkel milan minho minjun minna miroslav mirosław mohamed "
    "mohammed molly monika monique muhammad murat mustafa mykola nadine nancy naoko nasser "
    "natalia natalie natasha nathalie nathan neha neil nenad ngozi nguyen niamh nicholas nicola "
    "nicolas nicole niels nigel nikolai nikolaos nils noah nomsa nuno oksana oleg oleksandr olga "
    "oliver olivia olivier olof oluwaseun omar ornella oscar oskar osman otieno otto owen pablo "
    "paige pamela panagiotis paola paolo pascal patricia patrick patrícia paul paulo pavel paweł "
    "pedro pekka peter petr petra philip philippe phoebe pierre piet pietro piotr pooja poppy "
    "priya putri päivi rachael rachel rafael rafał raffaele rahul rainer rakesh ralph ramesh "
    "ramón randy raquel rashid rasmus ravi raúl rebecca rekha renata renate rené rhys richard "
    "ritva robert roberto rocío rodrigo roger rohan roman ronald roy rubén rui russell ruth ruud "
    "ryan ryszard sabine sakura salma salvatore samantha sami samir samuel sandra sandrine "
    "sanjay sanne santiago saoirse sara sarah sari saskia satoshi scott sean sebastian seoyeon "
    "sergei sergey sergio shannon sharon sheila shirley shreya sigrid sigurður silvia simon "
    "simone siobhan sipho sita siti sofia sofía solveig somchai soo-jin sophia sophie stanisław "
    "stefan stefano stephanie stephen steven stuart sunil sunita suresh susan susanne sven "
    "svetlana sylvie sándor sébastien søren sławomir tadeusz takashi takeshi tammy tamás taras "
    "tariq tatiana tendai teresa tereza terry tetiana thabo theo theresa thiago thierry thijs "
    "thomas thuy thérèse tiago tiffany timo timothy tina tobias tomasz tomislav tomáš tonya "
    "torbjørn tracy trevor tunde tuula unnsteinn ursula usha uwe valentina valérie vanessa vasco "
    "vasile vasiliki veronica vicente victor vijay vikram viktor vincent vincenzo vinícius "
    "vitória vladimir volodymyr václav väinö véronique věra walter wanjiku wayne wei wendy "
    "wiktoria willem william willie wisław wojciech wolfgang wouter xavier xiaoming ximena "
    "yasmin yetunde youssef yuki yuko yulia yuri yusuf yves zachary zainab zbigniew zdeněk "
    "zdeňka zeynep zoe zofia zoltán zoran zsuzsanna zuzanna álvaro ángel élodie étienne özlem "
    "øyvind łukasz");

// Family names, which count beside a given name or a title only.
inline constexpr WordSet<1024> kSurnames(
    "adams ahmed allen alvarez anderson andersson bailey baker bakker bauer becker bennett "
    "bianchi brooks brown campbell castillo chavez choi clark collins colombo cook cooper costa "
    "cox cruz davis de demir diaz dlamini dubois durand edwards eriksson esposito evans ferrari "
    "ferreira fischer flores foster garcia gomez gonzalez gupta gutierrez hansen harris hartmann "
    "hernandez hoffmann hofmann howard huang hughes hussain ivanov jackson jansen jensen jimenez "
    "johansson johnson jones jong jung karlsson kaya kelly khan kim klein kobayashi koch "
    "kowalski krüger kumar kuznetsov larsen larsson laurent lee lefebvre leroy lewis liu lopez "
    "martin martinez mendoza mensah meyer michel miller mitchell moore morales moreau morgan "
    "morris murphy myers müller nelson neumann nguyen nielsen nilsson novák nowak okafor "
    "oliveira olsen olsson ortiz park parker patel pedersen pereira perez peterson petrov pham "
    "phillips popov ramirez ramos reed reyes ricci richardson richter rivera roberts robinson "
    "rodrigues rodriguez rogers romano rossi ruiz russo sanchez sanders santos sato schmidt "
    "schneider schröder schulz schwarz schäfer sharma sidorov silva simon singh smirnov smith "
    "sokolov sousa stewart suzuki svoboda takahashi tanaka taylor thomas thompson torres tran "
    "turner visser wagner walker wang ward watanabe watson weber williams wilson wiśniewski wolf "
    "wright yamamoto yang yılmaz zhang zhao zhou zimmermann");

// Countries, cities and regions of one word.
inline constexpr WordSet<2048> kPlaces(
    "aarhus accra adelaide afghanistan alabama alaska albania albuquerque alemania algeria "
    "algiers allemagne amsterdam andorra angola ankara antwerp antwerpen argentina arizona "
    "arkansas armenia asunción athens atlanta auckland austin australia austria azerbaijan "
    "baghdad bahamas bahrain baltimore bangalore bangkok bangladesh barbados barcelona basel "
    "bavaria bayern beijing belarus belfast belgique belgium belgrade belize bengaluru benin "
    "bergen berlin bern bhutan bilbao birmingham bogota bogotá bolivia bologna bordeaux boston "
    "botswana brasil brasília bratislava brazil bremen brisbane bristol britain brno brunei "
    "brussels bucharest budapest bulgaria burundi busan cairo calgary california cambodia "
    "cameroon canada caracas cardiff casablanca catalonia chad chengdu chennai chicago chile "
    "china christchurch cincinnati cleveland cologne colombia colombo colorado comoros "
    "copenhagen croatia cuba cyprus czechia dakar dallas danmark delhi denmark denver detroit "
    "deutschland dhaka djibouti doha dominica dortmund dresden dubai dublin düsseldorf ecuador "
    "edinburgh edmonton egypt eindhoven england eritrea espagne españa espoo essen estonia "
    "eswatini ethiopia fiji finland firenze florence florida france francia frankfurt frankreich "
    "gabon gambia gdańsk geneva genoa genève georgia germany ghana ghent glasgow gothenburg "
    "greece greenland grenada guangzhou guatemala guinea guyana göteborg haiti hamburg hannover "
    "hanoi havana hawaii helsinki honduras houston hungary hyderabad iceland idaho illinois "
    "india indonesia iran iraq ireland islamabad israel istanbul italia italie italien italy "
    "jakarta jamaica japan jerusalem johannesburg jordan kansas karachi kathmandu kazakhstan "
    "kentucky kenya kiev kiribati kolkata kosovo krakow kraków kuwait kyiv kyoto kyrgyzstan köln "
    "lagos lahore laos latvia lebanon leeds leipzig lesotho liberia libya liechtenstein lille "
    "lima lisbon lithuania liverpool ljubljana london louisiana luxembourg lyon madagascar "
    "madrid malawi malaysia maldives mali malmö malta manchester manila marseille massachusetts "
    "mauritania mauritius medellín melbourne memphis mexico miami michigan micronesia milan "
    "milano milwaukee minneapolis minnesota minsk missouri moldova monaco mongolia montana "
    "montenegro montevideo montreal montréal morocco moscow mozambique mumbai munich myanmar "
    "málaga méxico münchen nagoya nairobi namibia nantes naples napoli nashville nauru nebraska "
    "nepal netherlands nevada nicaragua nice niger nigeria norge norway nottingham nürnberg "
    "odense ohio oklahoma oman ontario oregon orlando osaka oslo ostrava ottawa pakistan palau "
    "palermo palestine panama paraguay paris pennsylvania perth peru philadelphia philippines "
    "phoenix pittsburgh poland polska portland porto portugal poznań prague pretoria pune qatar "
    "quebec queensland quito rennes reykjavik riga riyadh romania rome rotterdam russia rwanda "
    "sacramento saigon samoa santiago sapporo schweiz scotland seattle senegal seoul serbia "
    "sevilla seville seychelles shanghai sheffield shenzhen singapore slovakia slovenia sofia "
    "somalia spain spanien stockholm strasbourg stuttgart sudan suisse suomi suriname sverige "
    "sweden switzerland sydney syria taipei taiwan tajikistan tallinn tampa tampere tanzania "
    "tehran tennessee texas thailand tibet togo tokyo tonga torino toronto toulouse trondheim "
    "tucson tunis tunisia turin turkey turkmenistan turku tuscany tuvalu uganda ukraine uruguay "
    "utah utrecht uzbekistan valencia vancouver vanuatu venezia venezuela venice vienna vietnam "
    "vilnius wales warsaw wellington winnipeg wisconsin wrocław wuhan wyoming yemen zagreb "
    "zambia zaragoza zimbabwe zurich zürich österreich łódź");

// Behind the name of a street.
inline constexpr WordSet<128> kStreetTypes(
    "alley ave avenue blvd boulevard circle close court crescent ct dr drive gardens grove "
    "highway hwy lane ln mews parkway pkwy pl place plaza quay rd road row sq square st street "
    "terrace walk way");

// Before the name of a street.
inline constexpr WordSet<128> kStreetHeads(
    "allée avenida avenue boulevard bulevardul calea calle camino carrer carrera chemin colonia "
    "corso cours impasse jalan jl largo paseo passeig piazza place plaza praça quai r rincon rua "
    "rue ruta rúa strada travessa ul ulica ulitsa via viale vicolo");

// At the end of the name of an organisation.
inline constexpr WordSet<256> kOrganizationEnds(
    "a/s ab ag airlines aps as associates b.v. bank bv capital clinic co. college company "
    "consulting corp corp. corporation enterprises foundation gmbh group holding holdings "
    "hospital inc inc. incorporated industries institute insurance kg kk laboratories labs "
    "limited llc llp ltd ltd. nv oy oyj partners plc s.a. s.p.a. sa sarl sas services solutions "
    "spa srl systems technologies university ventures");

// Before a name.
inline constexpr WordSet<128> kTitles(
    "captain dhr don dott dottore dottoressa doña dr fr frau fru herr hr ing judge madam madame "
    "mevrouw miss mlle mme monsieur mr mrs ms officer pan pani pastor prof professor rev "
    "sergeant señor señora sig signor signora sir sr sra srta");

// Inside a name, in small letters.
inline constexpr WordSet<64> kParticles(
    "af al av bin da das de del della den der di do dos du el ibn la le mac st ten ter van von zu");

// Written with a capital at the start of a sentence, and no name.
inline constexpr WordSet<256> kNoNames(
    "a address an and april apt are as at august avenue be been best box but by date dear "
    "december email february for friday from he hello her hi his how i if in is it its january "
    "july june march may monday my name no not november number october of on or order our phone "
    "please regards road saturday september she so street suite sunday thank thanks that the "
    "their these they this those thursday to tuesday unit was we wednesday were what when where "
    "which who why with yes you your");

// clang-format on

}  // namespace credence::guard
