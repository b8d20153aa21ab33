// The words behind each cue, in many languages. Lower case; a phrase has one or two words (little
// words such as "of" and "de" left out), or two to six characters of a script without blanks.
#pragma once

#include <array>
#include <string_view>

#include "capabilities/guard/pii/cues.h"

namespace credence::guard {

struct CueWords {
    Cue cue;
    std::string_view words;  // parted by '|'
};

inline constexpr auto kCueWords = std::to_array<CueWords>({
    {Cue::phone,
     "phone|telephone|phones|tel|mobile|cell|cellphone|fax|whatsapp|sms|call|calling|called|dial|"
     "ring|text me|texted|"
     "reach|contact|hotline|landline|answering|desk|office|pager|signal|viber|phone "
     "number|telefon|telefono|"
     "teléfono|téléphone|telefone|telefonnummer|handy|handynummer|mobil|mobilnummer|rufnummer|"
     "anrufen|portable|celular|"
     "móvil|movil|cellulare|llamar|llame|appelez|appeler|chiamare|chiama|ligue|ligar|telefoon|"
     "bellen|puhelin|"
     "numer telefonu|телефон|тел|номер "
     "телефона|звоните|τηλέφωνο|telefonu|dzwonić|zadzwoń|telepon|điện thoại|"
     "फोन|मोबाइल|电话|手机|電話|携帯|전화|휴대폰|휴대전화|هاتف|جوال|טלפון|โทร|โทรศั"},
    {Cue::card,
     "card|credit card|debit card|visa|mastercard|amex|american express|cc|card number|card "
     "no|cards|karte|"
     "kreditkarte|kartennummer|tarjeta|carte|cartão|cartao|carta|kaart|karta|kort|карта|карты|"
     "карте|信用卡|卡号|カード|카드"},
    {Cue::birth,
     "born|birth|birthday|dob|birthdate|date "
     "birth|geboren|geburtsdatum|geburtstag|née|né|naissance|nacimiento|nacido|"
     "nacida|nacida|nascita|nato|nata|nascimento|nascido|nascida|geboortedatum|född|født|urodzony|"
     "urodzona|"
     "urodzenia|рождения|родился|родилась|born on|生年月日|出生|생년월일|생일|जन्म"},
    {Cue::ssn,
     "ssn|ssns|social security|social|social sec|soc sec|ss#|sozialversicherungsnummer|seguridad "
     "social|"
     "sécurité sociale|securite "
     "sociale|sozialversicherung|rentenversicherung|rvnr|svnr|versicherungsnummer"},
    {Cue::taxpayer,
     "itin|tax id|tax|taxpayer|tin|tax number|tax identification|individual "
     "taxpayer|fiscal|contribuinte|impuestos|ptin"},
    {Cue::national_id,
     "national id|identity|identity number|id number|id card|identification|identification "
     "number|national|identity card|"
     "citizen id|citizen|personal id|id "
     "no|personalausweis|ausweis|ausweisnummer|dni|cédula|cedula|carta identità|"
     "identité|identidad|identità|identidade|carte identité|kimlik|nüfus|tc|tckn|t "
     "c|dowód|dowod|ktp|nik|umid|philsys|"
     "philid|identitetskort|удостоверение|身份证|身分證|身份證|公民身|주민|주민등록|บัตรป|เลขปร|"
     "תעודת זהות|הזהות|رقم الهوية|"
     "الهوية|hkid|identiteit|id|ic|ic number|mykad|said|sa id"},
    {Cue::passport,
     "passport|passports|passport number|passport "
     "no|reisepass|reisepassnummer|pass|passnummer|pasaporte|passeport|"
     "passaporto|passaporte|paspoort|pass nr|паспорт|паспорта|护照|護照|パスポート|여권|पासपोर्ट"},
    {Cue::licence,
     "license|licence|driver license|driver licence|drivers license|driving licence|driving "
     "license|dl|dl#|licenses|"
     "driver|driving|permis|permis "
     "conduire|führerschein|führerscheinnummer|fuehrerschein|patente|patente guida|"
     "licencia|licencia conducir|carnet|carteira|cnh|rijbewijs|prawo "
     "jazdy|körkort|права|驾驶证|免許|운전면"},
    {Cue::bank,
     "bank|account|bank account|account "
     "number|acct|acct#|checking|savings|a/c|konto|kontonummer|cuenta|compte|conto|"
     "conta|rekening|konta|счет|счёт|账号|帐号|口座|계좌|debit|deposit"},
    {Cue::routing,
     "routing|aba|routing number|rtn|transit|aba number|wire|bankrouting|routing transit"},
    {Cue::bank_code, "swift|bic|swift code|bic code|swift/bic|bankleitzahl"},
    {Cue::medicare,
     "medicare|mbi|beneficiary|medicare number|medicare card|hicn|medicare beneficiary"},
    {Cue::npi, "npi|provider|national provider|provider identifier|npi number"},
    {Cue::dea, "dea|dea number|dea#|prescriber|medical license|medical licence|certificate"},
    {Cue::nhs, "nhs|nhs number|nhs no|patient|health service|hospital number"},
    {Cue::nino, "nino|ni|ni number|national insurance|insurance number|insurance"},
    {Cue::vehicle,
     "plate|plates|license plate|number plate|licence plate|registration|reg|vehicle|vehicle "
     "registration|car|vrm|kennzeichen|"
     "nummernschild|matricula|matrícula|targa|immatriculation|rego|vehicle "
     "number|bike|truck|van|rc|車牌|车牌"},
    {Cue::health,
     "krankenversicherung|krankenversichertennummer|krankenkasse|versichertennummer|kvnr|"
     "gesundheitskarte|health insurance|"
     "health card|insurance card|versicherten"},
    {Cue::pension, "ahv|avs|ahv nummer|sozialversicherungsnummer|oasi|amv"},
    {Cue::voter, "voter|voter id|epic|election|elector|voters"},
    {Cue::company,
     "business number|business registration|company|사업자|사업자등록|brn|firma|entreprise"},
    {Cue::vat,
     "vat|vat id|vat number|ust|ustid|umsatzsteuer|umsatzsteuer id|ust idnr|partita iva|iva|p "
     "iva|piva|tva|btw|moms|uid|"
     "ust id|nif iva|vat no"},
    {Cue::postcode, "postcode|post code|postal|postal code|zip|address|lives|live|living|london"},
    {Cue::wallet,
     "wallet|bitcoin|btc|ethereum|eth|crypto|litecoin|ltc|address|payment|monero|dogecoin|tron|"
     "usdt|solana"},
    {Cue::personal_code,
     "isikukood|asmens kodas|personas kods|personal code|asmens|kodas|kods|rodné číslo|rodné|rodne|"
     "rodné číslo|rodne cislo|rč|r č|henkilötunnus|hetu|fødselsnummer|fodselsnummer|cpr|cpr nummer|"
     "personnummer|fødselsnr|personnr|geburtsnummer"},
    {Cue::pesel, "pesel|numer pesel"},
    {Cue::nip, "nip|numer nip|identyfikacji podatkowej"},
    {Cue::nric, "nric|fin|nric/fin|ic|singpass"},
    {Cue::abn, "abn|australian business|business number"},
    {Cue::acn, "acn|australian company|company number"},
    {Cue::tfn, "tfn|tax file|tax file number"},
    {Cue::pan, "pan|pan card|permanent account|pan number"},
    {Cue::aadhaar, "aadhaar|aadhar|uidai|adhaar|uid|आधार|aadhaar number"},
    {Cue::gstin, "gst|gstin|gst number"},
    {Cue::rrn,
     "rrn|resident registration|주민등록번호|주민등록|주민번호|alien registration|외국인등록"},
    {Cue::personnummer, "personnummer|personnr|samordningsnummer|pnr|personal identity"},
    {Cue::bsn, "bsn|burgerservicenummer|sofinummer|sofi|burgerservice"},
    {Cue::nif,
     "nif|contribuinte|número contribuinte|numero contribuinte|nif contribuinte|fiscal|finanças"},
    {Cue::cpf, "cpf|cadastro pessoas|cpf nº|c p f"},
    {Cue::cnpj, "cnpj|cadastro nacional"},
    {Cue::curp, "curp|clave única|clave unica"},
    {Cue::snils, "снилс|snils"},
    {Cue::inn, "инн|inn"},
    {Cue::nir,
     "nir|sécu|secu|sécurité sociale|securite sociale|sécurité|carte vitale|insee|numéro "
     "sécu|social"},
    {Cue::sin, "sin|social insurance|assurance sociale|nas|sin number|canadian"},
    {Cue::nin, "nin|nimc|national identification|bvn|identity|nigeria|nigerian"},
    {Cue::steuer,
     "steuer|steuernummer|steuer id|steueridentifikationsnummer|steuerid|steuer "
     "identifikationsnummer|idnr|"
     "identifikationsnummer|finanzamt|st nr|stnr|tin|tax"},
    {Cue::cnp, "cnp|cod numeric|numeric personal"},
    {Cue::egn, "егн|egn|единен граждански"},
    {Cue::oib, "oib|osobni identifikacijski"},
    {Cue::cuit, "cuit|cuil|clave única"},
    {Cue::rut, "rut|run|rol único|rol unico"},
    {Cue::amka, "amka|αμκα|ΑΜΚΑ"},
    {Cue::my_number, "my number|mynumber|マイナン|個人番号"},
    {Cue::pps, "pps|ppsn|pps number|public service"},
    {Cue::version,
     "version|ver|release|v|build|firmware|schema|section|chapter|rfc|clause|revision|python|"
     "kernel"},
    {Cue::identifier,
     "order|orders|invoice|tracking|serial|isbn|issn|imei|sku|ean|upc|ticket|transaction|commit|"
     "asin|barcode|article|"
     "batch|lot|timestamp|epoch|reference|receipt|gtin|item|product|bestellnummer|auftrag|commande|"
     "pedido|заказ|订单|"
     "parcel|shipment|case|job|session|message|doi|page|pages|issue|row|record|uuid|hash|checksum|"
     "order id"},
    {Cue::amount, "usd|eur|gbp|total|price|amount|cost|sum|population|population of"},
    {Cue::aws, "aws|amazon|aws_secret|secret access|secret key|secretaccesskey|awssecretkey|s3"},
    {Cue::azure, "azure|microsoft|entra|tenant|client secret"},
    {Cue::heroku, "heroku|heroku api"},
    {Cue::twilio, "twilio|auth token|account sid"},
    {Cue::discord, "discord|discord token|bot token|discord bot"},
    {Cue::paypal, "paypal|braintree"},
    {Cue::cloudflare, "cloudflare|cf|cloudflare token|cloudflare api"},
    {Cue::mailgun, "mailgun|mailchimp"},
    {Cue::other_service,
     "datadog|okta|auth0|algolia|segment|sentry|pagerduty|zendesk|fastly|bearer|api key|apikey|api "
     "token|"
     "secret token|access token|auth token|token|api|secret|key"},
});

// Left out when two words make a phrase.
inline constexpr auto kLittleWords = std::to_array<std::string_view>(
    {"of",  "the", "de",  "du", "da", "do",   "di",  "del", "des", "le", "la", "el", "is", "my",
     "der", "die", "das", "is", "my", "your", "her", "his", "s",   "d",  "l",  "nº", "no", "#"});

}  // namespace credence::guard
