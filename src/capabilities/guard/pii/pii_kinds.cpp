#include "capabilities/guard/pii/pii_kinds.h"

#include <algorithm>
#include <array>

namespace credence::guard {

namespace {

constexpr auto kKinds = std::to_array<PiiKind>({
    // clang-format off
    {Detector::email, "email", "[EMAIL]", PiiGroup::contact, PiiUse::standard, false},
    {Detector::phone, "phone", "[PHONE]", PiiGroup::contact, PiiUse::standard, false},
    {Detector::credit_card, "credit_card", "[CREDIT_CARD]", PiiGroup::financial, PiiUse::standard,
     true},
    {Detector::iban, "iban", "[IBAN]", PiiGroup::financial, PiiUse::standard, true},
    {Detector::us_ssn, "us_ssn", "[US_SSN]", PiiGroup::government_id, PiiUse::standard, false},
    {Detector::public_address, "public_address", "[IP_ADDRESS]", PiiGroup::network,
     PiiUse::standard, false},
    {Detector::private_address, "private_address", "[IP_ADDRESS]", PiiGroup::network,
     PiiUse::standard, false},
    {Detector::mac_address, "mac_address", "[MAC_ADDRESS]", PiiGroup::network, PiiUse::standard,
     false},
    {Detector::url, "url", "[URL]", PiiGroup::network, PiiUse::ordinary, false},
    {Detector::domain, "domain", "[DOMAIN]", PiiGroup::network, PiiUse::ordinary, false},
    {Detector::date_time, "date_time", "[DATE_TIME]", PiiGroup::personal, PiiUse::ordinary, false},
    {Detector::birth_date, "birth_date", "[BIRTH_DATE]", PiiGroup::personal, PiiUse::standard,
     false},
    {Detector::crypto_bitcoin, "crypto_bitcoin", "[CRYPTO_ADDRESS]", PiiGroup::financial,
     PiiUse::standard, true},
    {Detector::crypto_ethereum, "crypto_ethereum", "[CRYPTO_ADDRESS]", PiiGroup::financial,
     PiiUse::standard, true},
    {Detector::crypto_other, "crypto_other", "[CRYPTO_ADDRESS]", PiiGroup::financial,
     PiiUse::standard, true},
    {Detector::bank_account, "bank_account", "[BANK_ACCOUNT]", PiiGroup::financial,
     PiiUse::standard, false},
    {Detector::us_routing_number, "us_routing_number", "[US_ROUTING_NUMBER]", PiiGroup::financial,
     PiiUse::standard, true},
    {Detector::bank_code, "bank_code", "[BANK_CODE]", PiiGroup::financial, PiiUse::standard, false},
    {Detector::us_itin, "us_itin", "[US_ITIN]", PiiGroup::government_id, PiiUse::standard, false},
    {Detector::us_passport, "us_passport", "[US_PASSPORT]", PiiGroup::government_id,
     PiiUse::standard, false},
    {Detector::us_driver_license, "us_driver_license", "[US_DRIVER_LICENSE]",
     PiiGroup::government_id, PiiUse::standard, false},
    {Detector::us_medicare, "us_medicare", "[US_MEDICARE]", PiiGroup::government_id,
     PiiUse::standard, false},
    {Detector::us_npi, "us_npi", "[US_NPI]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::medical_license, "medical_license", "[MEDICAL_LICENSE]", PiiGroup::government_id,
     PiiUse::standard, true},
    {Detector::uk_nhs, "uk_nhs", "[UK_NHS]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::uk_nino, "uk_nino", "[UK_NINO]", PiiGroup::government_id, PiiUse::standard, false},
    {Detector::uk_passport, "uk_passport", "[UK_PASSPORT]", PiiGroup::government_id,
     PiiUse::standard, false},
    {Detector::uk_driving_licence, "uk_driving_licence", "[UK_DRIVING_LICENCE]",
     PiiGroup::government_id, PiiUse::standard, false},
    {Detector::uk_vehicle, "uk_vehicle", "[UK_VEHICLE]", PiiGroup::government_id, PiiUse::standard,
     false},
    {Detector::es_nif, "es_nif", "[ES_NIF]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::es_nie, "es_nie", "[ES_NIE]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::es_passport, "es_passport", "[ES_PASSPORT]", PiiGroup::government_id,
     PiiUse::standard, false},
    {Detector::it_fiscal_code, "it_fiscal_code", "[IT_FISCAL_CODE]", PiiGroup::government_id,
     PiiUse::standard, true},
    {Detector::it_vat, "it_vat", "[IT_VAT]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::it_driving_licence, "it_driving_licence", "[IT_DRIVING_LICENCE]",
     PiiGroup::government_id, PiiUse::standard, false},
    {Detector::it_identity_card, "it_identity_card", "[IT_IDENTITY_CARD]", PiiGroup::government_id,
     PiiUse::standard, false},
    {Detector::it_passport, "it_passport", "[IT_PASSPORT]", PiiGroup::government_id,
     PiiUse::standard, false},
    {Detector::pl_pesel, "pl_pesel", "[PL_PESEL]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::pl_nip, "pl_nip", "[PL_NIP]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::sg_fin, "sg_fin", "[SG_FIN]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::au_abn, "au_abn", "[AU_ABN]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::au_acn, "au_acn", "[AU_ACN]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::au_tfn, "au_tfn", "[AU_TFN]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::au_medicare, "au_medicare", "[AU_MEDICARE]", PiiGroup::government_id,
     PiiUse::standard, true},
    {Detector::in_pan, "in_pan", "[IN_PAN]", PiiGroup::government_id, PiiUse::standard, false},
    {Detector::in_aadhaar, "in_aadhaar", "[IN_AADHAAR]", PiiGroup::government_id, PiiUse::standard,
     true},
    {Detector::in_gstin, "in_gstin", "[IN_GSTIN]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::in_voter, "in_voter", "[IN_VOTER]", PiiGroup::government_id, PiiUse::standard,
     false},
    {Detector::in_passport, "in_passport", "[IN_PASSPORT]", PiiGroup::government_id,
     PiiUse::standard, false},
    {Detector::in_vehicle, "in_vehicle", "[IN_VEHICLE]", PiiGroup::government_id, PiiUse::standard,
     false},
    {Detector::kr_rrn, "kr_rrn", "[KR_RRN]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::kr_brn, "kr_brn", "[KR_BRN]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::se_personal_number, "se_personal_number", "[SE_PERSONAL_NUMBER]",
     PiiGroup::government_id, PiiUse::standard, true},
    {Detector::za_id, "za_id", "[ZA_ID]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::th_id, "th_id", "[TH_ID]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::tr_id, "tr_id", "[TR_ID]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::ph_id, "ph_id", "[PH_ID]", PiiGroup::government_id, PiiUse::standard, false},
    {Detector::ng_nin, "ng_nin", "[NG_NIN]", PiiGroup::government_id, PiiUse::standard, false},
    {Detector::ca_sin, "ca_sin", "[CA_SIN]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::de_tax_id, "de_tax_id", "[DE_TAX_ID]", PiiGroup::government_id, PiiUse::standard,
     true},
    {Detector::de_tax_number, "de_tax_number", "[DE_TAX_NUMBER]", PiiGroup::government_id,
     PiiUse::standard, false},
    {Detector::de_passport, "de_passport", "[DE_PASSPORT]", PiiGroup::government_id,
     PiiUse::standard, true},
    {Detector::de_id_card, "de_id_card", "[DE_ID_CARD]", PiiGroup::government_id, PiiUse::standard,
     true},
    {Detector::de_social_security, "de_social_security", "[DE_SOCIAL_SECURITY]",
     PiiGroup::government_id, PiiUse::standard, true},
    {Detector::de_health_insurance, "de_health_insurance", "[DE_HEALTH_INSURANCE]",
     PiiGroup::government_id, PiiUse::standard, true},
    {Detector::de_vat, "de_vat", "[DE_VAT]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::de_vehicle, "de_vehicle", "[DE_VEHICLE]", PiiGroup::government_id, PiiUse::standard,
     false},
    {Detector::de_driving_licence, "de_driving_licence", "[DE_DRIVING_LICENCE]",
     PiiGroup::government_id, PiiUse::standard, false},
    {Detector::fr_nir, "fr_nir", "[FR_NIR]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::be_national_number, "be_national_number", "[BE_NATIONAL_NUMBER]",
     PiiGroup::government_id, PiiUse::standard, true},
    {Detector::nl_bsn, "nl_bsn", "[NL_BSN]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::pt_nif, "pt_nif", "[PT_NIF]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::br_cpf, "br_cpf", "[BR_CPF]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::br_cnpj, "br_cnpj", "[BR_CNPJ]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::mx_curp, "mx_curp", "[MX_CURP]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::fi_hetu, "fi_hetu", "[FI_HETU]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::cn_resident_id, "cn_resident_id", "[CN_RESIDENT_ID]", PiiGroup::government_id,
     PiiUse::standard, true},
    {Detector::ch_ahv, "ch_ahv", "[CH_AHV]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::no_birth_number, "no_birth_number", "[NO_BIRTH_NUMBER]", PiiGroup::government_id,
     PiiUse::standard, true},
    {Detector::dk_cpr, "dk_cpr", "[DK_CPR]", PiiGroup::government_id, PiiUse::standard, false},
    {Detector::ie_pps, "ie_pps", "[IE_PPS]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::at_insurance, "at_insurance", "[AT_INSURANCE]", PiiGroup::government_id,
     PiiUse::standard, true},
    {Detector::cz_birth_number, "cz_birth_number", "[CZ_BIRTH_NUMBER]", PiiGroup::government_id,
     PiiUse::standard, true},
    {Detector::ro_cnp, "ro_cnp", "[RO_CNP]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::bg_egn, "bg_egn", "[BG_EGN]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::hr_oib, "hr_oib", "[HR_OIB]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::baltic_code, "baltic_code", "[BALTIC_CODE]", PiiGroup::government_id,
     PiiUse::standard, true},
    {Detector::il_id, "il_id", "[IL_ID]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::ar_cuit, "ar_cuit", "[AR_CUIT]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::cl_rut, "cl_rut", "[CL_RUT]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::hk_id, "hk_id", "[HK_ID]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::tw_id, "tw_id", "[TW_ID]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::jp_my_number, "jp_my_number", "[JP_MY_NUMBER]", PiiGroup::government_id,
     PiiUse::standard, true},
    {Detector::ru_snils, "ru_snils", "[RU_SNILS]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::ru_inn, "ru_inn", "[RU_INN]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::gr_amka, "gr_amka", "[GR_AMKA]", PiiGroup::government_id, PiiUse::standard, true},
    {Detector::my_nric, "my_nric", "[MY_NRIC]", PiiGroup::government_id, PiiUse::standard, false},
    {Detector::id_nik, "id_nik", "[ID_NIK]", PiiGroup::government_id, PiiUse::standard, false},
    {Detector::eu_vat, "eu_vat", "[EU_VAT]", PiiGroup::government_id, PiiUse::standard, false},
    {Detector::passport, "passport", "[PASSPORT]", PiiGroup::government_id, PiiUse::standard,
     false},
    {Detector::uk_postcode, "uk_postcode", "[POSTCODE]", PiiGroup::contact, PiiUse::standard,
     false},
    {Detector::aws_access_key, "aws_access_key", "[AWS_ACCESS_KEY]", PiiGroup::secret,
     PiiUse::standard, false},
    {Detector::aws_secret_key, "aws_secret_key", "[AWS_SECRET_KEY]", PiiGroup::secret,
     PiiUse::standard, false},
    {Detector::google_api_key, "google_api_key", "[GOOGLE_API_KEY]", PiiGroup::secret,
     PiiUse::standard, false},
    {Detector::google_oauth, "google_oauth", "[GOOGLE_OAUTH]", PiiGroup::secret, PiiUse::standard,
     false},
    {Detector::azure_storage_key, "azure_storage_key", "[AZURE_STORAGE_KEY]", PiiGroup::secret,
     PiiUse::standard, false},
    {Detector::azure_signature, "azure_signature", "[AZURE_SIGNATURE]", PiiGroup::secret,
     PiiUse::standard, false},
    {Detector::azure_client_secret, "azure_client_secret", "[AZURE_CLIENT_SECRET]",
     PiiGroup::secret, PiiUse::standard, false},
    {Detector::github_token, "github_token", "[GITHUB_TOKEN]", PiiGroup::secret, PiiUse::standard,
     false},
    {Detector::gitlab_token, "gitlab_token", "[GITLAB_TOKEN]", PiiGroup::secret, PiiUse::standard,
     false},
    {Detector::bitbucket_token, "bitbucket_token", "[BITBUCKET_TOKEN]", PiiGroup::secret,
     PiiUse::standard, false},
    {Detector::model_provider_key, "model_provider_key", "[MODEL_PROVIDER_KEY]", PiiGroup::secret,
     PiiUse::standard, false},
    {Detector::slack_token, "slack_token", "[SLACK_TOKEN]", PiiGroup::secret, PiiUse::standard,
     false},
    {Detector::chat_webhook, "chat_webhook", "[CHAT_WEBHOOK]", PiiGroup::secret, PiiUse::standard,
     false},
    {Detector::discord_token, "discord_token", "[DISCORD_TOKEN]", PiiGroup::secret,
     PiiUse::standard, false},
    {Detector::telegram_token, "telegram_token", "[TELEGRAM_TOKEN]", PiiGroup::secret,
     PiiUse::standard, false},
    {Detector::stripe_key, "stripe_key", "[STRIPE_KEY]", PiiGroup::secret, PiiUse::standard, false},
    {Detector::square_token, "square_token", "[SQUARE_TOKEN]", PiiGroup::secret, PiiUse::standard,
     false},
    {Detector::paypal_token, "paypal_token", "[PAYPAL_TOKEN]", PiiGroup::secret, PiiUse::standard,
     false},
    {Detector::twilio_key, "twilio_key", "[TWILIO_KEY]", PiiGroup::secret, PiiUse::standard, false},
    {Detector::sendgrid_key, "sendgrid_key", "[SENDGRID_KEY]", PiiGroup::secret, PiiUse::standard,
     false},
    {Detector::mailgun_key, "mailgun_key", "[MAILGUN_KEY]", PiiGroup::secret, PiiUse::standard,
     false},
    {Detector::npm_token, "npm_token", "[NPM_TOKEN]", PiiGroup::secret, PiiUse::standard, false},
    {Detector::pypi_token, "pypi_token", "[PYPI_TOKEN]", PiiGroup::secret, PiiUse::standard, false},
    {Detector::docker_token, "docker_token", "[DOCKER_TOKEN]", PiiGroup::secret, PiiUse::standard,
     false},
    {Detector::cloudflare_token, "cloudflare_token", "[CLOUDFLARE_TOKEN]", PiiGroup::secret,
     PiiUse::standard, false},
    {Detector::digitalocean_token, "digitalocean_token", "[DIGITALOCEAN_TOKEN]", PiiGroup::secret,
     PiiUse::standard, false},
    {Detector::heroku_key, "heroku_key", "[HEROKU_KEY]", PiiGroup::secret, PiiUse::standard, false},
    {Detector::service_token, "service_token", "[SERVICE_TOKEN]", PiiGroup::secret,
     PiiUse::standard, false},
    {Detector::url_credentials, "url_credentials", "[URL_CREDENTIALS]", PiiGroup::secret,
     PiiUse::standard, false},
    {Detector::json_web_token, "json_web_token", "[JSON_WEB_TOKEN]", PiiGroup::secret,
     PiiUse::standard, false},
    {Detector::private_key, "private_key", "[PRIVATE_KEY]", PiiGroup::secret, PiiUse::standard,
     false},
    {Detector::authorization_header, "authorization_header", "[AUTHORIZATION_HEADER]",
     PiiGroup::secret, PiiUse::standard, false},
    {Detector::assigned_secret, "assigned_secret", "[ASSIGNED_SECRET]", PiiGroup::secret,
     PiiUse::standard, false},
    {Detector::assigned_password, "assigned_password", "[ASSIGNED_PASSWORD]", PiiGroup::secret,
     PiiUse::standard, false},
    {Detector::person, "person", "[PERSON]", PiiGroup::name, PiiUse::partial, false},
    {Detector::organization, "organization", "[ORGANIZATION]", PiiGroup::name, PiiUse::partial,
     false},
    {Detector::location, "location", "[LOCATION]", PiiGroup::name, PiiUse::partial, false},
    {Detector::street_address, "street_address", "[STREET_ADDRESS]", PiiGroup::name,
     PiiUse::partial, false},
    // clang-format on
});

constexpr std::array<std::string_view, 7> kGroupNames = {
    "personal", "financial", "contact", "network", "government_id", "secret", "name"};

constexpr auto kIndex = [] {
    std::array<std::int16_t, kDetectors> index{};
    index.fill(-1);
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
        index[static_cast<std::size_t>(kKinds[i].detector)] = static_cast<std::int16_t>(i);
    }
    return index;
}();

DetectorSet kinds_of(bool ordinary, bool partial) {
    DetectorSet set;
    for (const PiiKind& kind : kKinds) {
        const bool wanted = kind.use == PiiUse::standard ||
                            (ordinary && kind.use == PiiUse::ordinary) ||
                            (partial && kind.use == PiiUse::partial);
        set.set(static_cast<std::size_t>(kind.detector), wanted);
    }
    return set;
}

}  // namespace

std::span<const PiiKind> pii_kinds() {
    return kKinds;
}

const PiiKind* pii_kind(Detector detector) {
    const std::int16_t at = kIndex[static_cast<std::size_t>(detector)];
    return at < 0 ? nullptr : &kKinds[static_cast<std::size_t>(at)];
}

std::optional<Detector> pii_detector(std::string_view name) {
    const auto found = std::find_if(kKinds.begin(), kKinds.end(),
                                    [&](const PiiKind& kind) { return kind.name == name; });
    return found == kKinds.end() ? std::nullopt : std::optional(found->detector);
}

std::string_view pii_group_name(PiiGroup group) {
    return kGroupNames[static_cast<std::size_t>(group)];
}

const DetectorSet& standard_pii() {
    static const DetectorSet set = kinds_of(false, false);
    return set;
}

DetectorSet all_pii(bool with_partial) {
    return kinds_of(true, with_partial);
}

}  // namespace credence::guard
