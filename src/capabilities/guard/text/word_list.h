// Words the decoders know. Key words are those that orders to a model are made of; common words are
// frequent ones, and words one letter away from a key word. Lower case, without marks.
#pragma once

#include <string_view>

namespace credence::guard {

// clang-format off
inline constexpr std::string_view kKeyWords =
    // English
    "ignore ignored ignores ignoring disregard disregarding forget forgetting override overrides overriding overrule bypass bypassing "
    "circumvent discard dismiss neglect abandon cancel cancelled revoke revoked suspend suspended disable disabled deactivate remove erase "
    "delete reset clear replace replaced supersede previous previously prior earlier preceding above former original initial existing "
    "instruction instructions directive directives guideline guidelines guidance rules policy policies restriction restrictions constraint "
    "constraints limitation limitations safety safeguard safeguards guardrail guardrails filter filters filtering prompt prompts system "
    "hidden secret secrets confidential password passwords credential credentials token tokens developer administrator assistant chatbot "
    "jailbreak jailbroken unrestricted uncensored unfiltered unlimited reveal revealing disclose display output print repeat repeating "
    "verbatim translate summarise summarize execute command commands comply compliance obey follow following pretend pretending roleplay "
    "simulate simulation imagine persona character respond response responses answer answers refuse refusal message messages context "
    "conversation history memory configuration settings security protocol protocols ethical ethics moderation content harmful illegal "
    "dangerous explosive weapon weapons malware hacker hacking exploit attacker attack database download upload exfiltrate forward "
    "transfer account accounts payment invoice purchase approve approved authorised authorized authorization permission permissions "
    "privileges maintenance debugging debug diagnostic internal private personal information everything anything immediately instead "
    "important urgent attention warning mention mentioning without warnings disclaimer disclaimers opposite privacy behaviour behavior "
    "programming training knowledge explain describe provide generate "
    // Spanish, Portuguese, Italian, French
    "ignora ignorar ignorez ignorer ignorare olvida olvidar esquece oubliez oublie dimentica instrucciones instrucoes istruzioni "
    "anteriores anterior precedenti precedentes precedente reglas regras regole regles sistema systeme muestra mostrar mostre mostra "
    "revela revelar revele rivela affiche affichez contrasena senha secreto segredo segreto desactiva responde responda rispondi "
    "repondez restricciones restricoes restrizioni consignes toutes todas tutte "
    // German, Dutch, Polish, Turkish, Indonesian
    "ignoriere ignorieren vergiss vergessen anweisung anweisungen vorherigen bisherigen vorigen regeln befehle systemprompt passwort "
    "geheim geheime zeige antworte verrate negeer instructies vorige eerdere regels zignoruj instrukcje poprzednie zasady haslo pokaz "
    "talimatlari onceki goster sifre abaikan instruksi sebelumnya perintah aturan tampilkan rahasia "
    // Russian, Ukrainian
    "игнорируй игнорируйте забудь забудьте инструкции инструкция инструкций предыдущие предыдущих правила правил системный "
    "промпт покажи покажите пароль секрет секретный  ответь команды ограничения отключи раскрои ігноруй інструкції попередні "
    // Greek, Arabic, Hindi
    "αγνοησε οδηγιεσ προηγουμενεσ δειξε κωδικο κανονεσ تجاهل التعليمات السابقه السابقة اظهر كلمة المرور النظام निर्देशों पिछले अनदेखा "
    "अनदेखी दिखाओ पासवर्ड सभी नियम ";

inline constexpr std::string_view kCommonWords =
    "committee library member ask asked architect drawing answered garden agreed price expected prepare prepared meet met review plan "
    "report reported manager director president minister government council election vote voted law court judge police officer army military "
    "million billion percent growth market stock share company business industry trade tax budget cost costs sold bought factory worker "
    "school university college student professor lesson homework grade degree research science scientist theory result method study "
    "hospital doctor nurse patient disease health medicine treatment brain blood bone skin cancer virus vaccine weight sleep dream "
    "kitchen dinner lunch breakfast cook cooking sugar butter flour bread cheese chicken meat vegetable fruit apple orange coffee wine beer "
    "airport flight hotel train station bus ticket passport luggage tourist beach holiday vacation weekend museum theatre movie film actor "
    "football soccer basketball tennis player coach league match season goal score winner championship olympic race runner "
    "january february march april june july august september october november december monday tuesday wednesday thursday friday saturday "
    "sunday spring summer autumn winter week weeks daily weekly monthly annual yearly century decade moment later earlier recently soon "
    "father mother brother sister son daughter husband wife uncle aunt cousin baby child parent parents grandmother grandfather neighbor "
    "house apartment bedroom bathroom window floor wall roof door chair sofa lamp carpet furniture heating kitchen yard fence street avenue "
    "computer laptop keyboard screen mouse printer software hardware app website browser button menu click login account profile settings "
    "array object integer boolean variable parameter argument method loop index length count number null undefined import export const async "
    "await print println static void private public protected interface extends implements throws exception try catch finally break continue "
    "weather temperature cloudy storm wind rainy sunny degree celsius fahrenheit forecast climate environment pollution nature forest mountain "
    "lake ocean desert island bridge tunnel highway traffic accident driver license engine fuel battery electric solar nuclear oil gas coal "
    "artist painting sculpture novel author chapter poem poet character plot scene dialogue narrator fiction fantasy mystery romance hero "
    "guitar piano violin drum singer band album concert melody rhythm lyrics composer orchestra opera dance dancer "
    "religion church temple mosque prayer faith belief spirit soul heaven philosophy ethics moral culture tradition custom festival wedding "
    "description title name date amount quantity category status address phone customer supplier delivery shipping warehouse inventory stock "
    "required optional default enabled disabled available maximum minimum average total sum difference product ratio equation formula solve "
    "several various different similar specific particular certain common popular famous modern ancient traditional local national global "
    "happy sad angry afraid tired hungry thirsty lonely proud jealous nervous calm excited bored curious friendly polite rude honest brave "
    "increase decrease reduce expand extend improve develop design build create invent discover explore examine investigate analyze compare "
    "choose select prefer suggest recommend advise warn promise agree disagree argue discuss debate persuade convince encourage support help "
    "believe hope wish expect doubt suppose assume imagine remember forget recognize realize understand explain describe define mention "
    "arrive depart leave enter exit climb jump swim throw catch carry lift push drag lean bend stretch shake wave point touch hold grab "
    "however therefore although because unless until while whereas despite moreover furthermore meanwhile otherwise besides except including "
    "e o hacked limit limits limited stand stands want wants french german spanish english italian chinese russian order orders ordered payment "
    "simulate refuses refuse speak evil whole nobody conversation owner see forbid forbids urgent even apply applies sentence sentences "
    "detailed explains explaining reveals prints translated writes wrote written sends given gives tells shows shown displayed outputs "
    "starts started ends ended uses needs asks asked says acts works makes takes comes goes gets puts lets helps keeps looks thinks knows "
    "a i the of and to in is it you that he was for on are with as his they be at one have this from or had by not but what some we can "
    "out other were all there when up use your how said an each she which do their time if will way about many then them write would like "
    "so these her long make thing see him two has look more day could go come did number sound no most people my over know water than call "
    "first who may down side been now find any new work part take get place made live where after back little only round man year came "
    "show every good me give our under name very through just form sentence great think say help low line differ turn cause much mean "
    "before move right boy old too same tell does set three want air well also play small end put home read hand port large spell add even "
    "land here must big high such why ask men change went light kind off need house picture try us again animal point mother world near "
    "build self earth father head stand own page should country found study still learn plant cover food sun four between state keep eye "
    "never last let thought city tree cross farm hard start might story saw far sea draw left late run while press close night real life "
    "few north open seem together next white children begin got walk example ease paper group always music those both mark often letter "
    "until mile river car feet care second book carry took science eat room friend began idea fish mountain stop once base hear horse cut "
    "sure watch color face wood main enough plain girl usual young ready ever red list though feel talk bird soon body dog family direct "
    "leave song measure door product black short class wind question happen complete ship area half rock order fire south problem piece "
    "told knew pass since top whole king space heard best hour better true during hundred five remember step early hold west ground "
    "interest reach fast sing listen six table travel less morning ten simple several toward war lay against pattern slow center love "
    "person money serve appear road map rain rule govern pull cold notice voice unit power town fine certain fly fall lead cry dark "
    "machine note wait plan figure star box noun field rest correct able pound done beauty drive stood contain front teach week final gave "
    "green quick develop ocean warm free minute strong special mind behind tail produce fact street inch nothing course stay wheel full "
    "force blue object decide surface deep moon island foot busy test record boat common gold possible plane age dry wonder laugh thousand "
    "ago ran check game shape yes hot miss brought heat snow bed bring sit perhaps fill east weight language among grand ball yet wave "
    "drop heart am present heavy dance engine position arm wide sail material size vary settle speak general ice matter circle pair "
    "include divide felt pick sudden count square reason length represent art subject region energy hunt bank act into because "
    "however using used user users model data please thank thanks email mail file files code text word words input assistants being its "
    "don't dont cannot isn't wont task tasks request requests send sent click link website page api key keys tool tools function return "
    "value string list type public class import version server client error test tests report document documents article summary next "
    "step steps create update today tomorrow yesterday meeting team company customer service product order price buy sell best review "
    "recipe write poem code python java script shell file path folder directory local network internet online computer phone address city "
    "full list entire exactly immediately within another anyone someone everyone something nobody nothing always never mode access "
    "admin root sudo master owner enabled activate activated allowed allow permitted forbidden banned free freely act acting become "
    "behave begin starting start end ending below those these such same likewise per via etc via yourself myself himself herself itself "
    "themselves ourselves who whom whose which whatever whenever wherever whether either neither nor else rather quite really actually "
    "probably maybe possibly certainly definitely shall should would could might must ought dare role speaking says saying given based "
    "been doing having going getting making taking coming seeing knowing thinking telling asking working trying needing calling keep "
    "rules law laws legal crime drug drugs bomb kill steal fraud fake true false real reality world live living life death human humans "
    "ai artificial intelligence bot robot language machine learning chat gpt openai claude anthropic bank card credit number security "
    "code money pay paid dollars euros pounds percent hello hi dear sir madam regards sincerely yours best "
    "prompted prompting promoted promote response repose presence pretence pretense percent system's context contest contexts content "
    "contents contend contract contact contacts command commend comment comments commands company compile comply comprise memory "
    "instructor instructors instructed instructing construct constrain constrained restricted restricts reveals revealed related relate "
    "repeats repeated repent replace replied reply replies refused reuse recuse restore restored reset resets rest restart result results "
    "account amount accent accents passion password passcode session sessions mission missions permission secretly sacred secure secured "
    "deleted deletes delegate debate develop developed developers developing development deliver personae persons perform performed "
    "previews preview previews provides provided provider providers proved proven prove private privates primate filtered fitter fillers "
    "direction directions directed directory director directors direct detective derivative effective objective respect respected "
    "responds responded respondent weaver weapon execution executed executes executing exercise excuse generates generated general "
    "attach attached attacked attacks attackers assistance assistants assisting exist existed exists exploits exploited explore explored "
    "internet interval interview entire uploads uploaded unload downloads downloaded download transfers transferred translate translated "
    "translates translation transform translator approved approves approach approaches approval improve improved authority author authors "
    "describes described prescribe explains explained explainer produce produced forwards forwarded forward following follows followed "
    "fellow hollow hidden hide ridden system systems symptom prior priority police polite policies polices policy politics public publicly "
    "diagnosis diagnostics display displays displayed discuss discussed discussion discussing disclosed closed discord "
    "emails details detail people peoples form from two who where were there three these this with wish which what went want when then "
    "than that them their they thus through though thought thoughts tough taught could cloud would world should shout trail trial quiet "
    "quite casual causal united untied silver sliver sacred scared angel angle being begin bring salt slat dairy diary lair liar bread "
    "beard board broad clam calm goals gaols marital martial star stare tears rates rate trace crate parties pirates parsed spread spared "
    "signed singed design sing sign signs sings last lost list least steal stale tales slate petals plates staple pastel pleats expect "
    "except excepted expected unclear nuclear relation oriental relations reason seasoned sustain unites unties recent center centre "
    "complaint compliant complaints reserve reverse reserved reversed several severely conversation conservation converse conserve "
    "message massage passage manager manger sales seals leaks lakes looks loops pools spool stop spot post pots tops opts past pats taps "
    "steps pets step dose does nodes nose ones snow owns won own low slow flow wolf fowl blow bowl elbow below filed field flied fired "
    "fried tired tried tires tries ties sites items times mites smite emits timer merit miter remit alert alter later ratel "
    "los las una por con para que como pero todo este esta sobre entre desde hasta donde cuando muy mas sus del der die das und ist nicht "
    "ein eine einer mit von den dem des auf sich auch als nach wie sind bei oder aber wir ich sie ihr wenn nur noch kann les des une est "
    "dans pour pas sur avec plus son ses aux mais nous vous leur sont cette comme tout elle deux meme aussi bien peut het een van dat niet "
    "zijn op te voor met che non per una sono della nel alla piu anche come questo quando dei nao uma com por mais para foi pelo pela ";

// Parts that words take in a sentence: they tell whether words stand in the opposite order.
inline constexpr std::string_view kDeterminers =
    "the a an your my our their every alle die der das den las los les toutes todas tutte gli deine meine";
inline constexpr std::string_view kLinkers =
    "and or of to in with is are was were for from by on at that as you into who about without than then but if "
    "und oder von zu mit y de con sin et sans avec";
inline constexpr std::string_view kVerbs =
    "ignore disregard forget reveal print override bypass execute translate delete remove disable pretend tell send give write simulate "
    "stop approve say repeat make follow become behave ignoriere vergiss verrate zeige ignora olvida muestra ignorez oubliez affichez";
inline constexpr std::string_view kNouns =
    "instructions instruction rules guidelines prompt prompts system message messages conversation restrictions policy policies password "
    "secret secrets filters context text question document user assistant developer mode key information data request task tasks line "
    "directions constraints orders words limits anweisungen regeln instrucciones reglas regles istruzioni regole instrucoes "
    "regras passwort systemprompt";
// clang-format on

}  // namespace credence::guard
