// The words that every part of the guard shares: what is found, how grave it is, where a text is
// from.
#pragma once

#include <cstddef>
#include <cstdint>

namespace credence::guard {

enum class Category : std::uint8_t {
    prompt_injection,
    jailbreak,
    prompt_leak,
    tool_poisoning,
    code_execution,
    secrets,
    pii,
};
inline constexpr std::size_t kCategories = 7;

// The rest discloses: secrets and personal data.
constexpr bool is_attack(Category category) {
    return category != Category::secrets && category != Category::pii;
}

enum class Severity : std::uint8_t { low, medium, high, critical };

// To the model, or from it.
enum class Direction : std::uint8_t { input, output };
// Who wrote the text: the channel it comes by. Orders to the model weigh more where data is
// expected.
enum class SourceKind : std::uint8_t {
    user,
    assistant,
    document,
    tool_result,
    tool_description,
    system,
};
inline constexpr std::size_t kSourceKinds = 6;

// How much of the guard looks at a text (docs/guard.md).
enum class Mode : std::uint8_t {
    text_only,       // normalise, decode, rules, secrets, personal data, harmful code
    neuro_symbolic,  // and the learned model over text, rules and structure
    unified,         // and the threat memory and attached media
};

// Finders written in C++, because they compute: checksums, ranges, counts (pii.h, analysis.cpp).
enum class Detector : std::uint8_t {
    none,
    email,
    phone,
    credit_card,
    iban,
    us_ssn,
    public_address,
    private_address,
    mac_address,
    hidden_text,
    // Harmful code (code/code.h), by technique.
    shell_download_run,
    shell_reverse,
    shell_obfuscated,
    shell_injection,
    shell_destruction,
    shell_persistence,
    shell_secrets,
    shell_exfiltration,
    shell_tampering,
    shell_privilege,
    shell_exhaustion,
    shell_surveillance,
    program_execution,
    program_misuse,
    sql_injection,
    script_injection,
    windows_attack,
    template_injection,
    path_traversal,
    xml_entity,
    query_injection,
    unsafe_deserialisation,
    code_structure,  // learned, where no technique is named (code/code_scorer.h)
    // Personal data and secrets (pii/pii_kinds.h holds a row for each).
    url,
    domain,
    date_time,
    birth_date,
    crypto_bitcoin,
    crypto_ethereum,
    crypto_other,
    bank_account,
    us_routing_number,
    bank_code,
    us_itin,
    us_passport,
    us_driver_license,
    us_medicare,
    us_npi,
    medical_license,
    uk_nhs,
    uk_nino,
    uk_passport,
    uk_driving_licence,
    uk_vehicle,
    es_nif,
    es_nie,
    es_passport,
    it_fiscal_code,
    it_vat,
    it_driving_licence,
    it_identity_card,
    it_passport,
    pl_pesel,
    pl_nip,
    sg_fin,
    au_abn,
    au_acn,
    au_tfn,
    au_medicare,
    in_pan,
    in_aadhaar,
    in_gstin,
    in_voter,
    in_passport,
    in_vehicle,
    kr_rrn,
    kr_brn,
    se_personal_number,
    za_id,
    th_id,
    tr_id,
    ph_id,
    ng_nin,
    ca_sin,
    de_tax_id,
    de_tax_number,
    de_passport,
    de_id_card,
    de_social_security,
    de_health_insurance,
    de_vat,
    de_vehicle,
    de_driving_licence,
    fr_nir,
    be_national_number,
    nl_bsn,
    pt_nif,
    br_cpf,
    br_cnpj,
    mx_curp,
    fi_hetu,
    cn_resident_id,
    ch_ahv,
    no_birth_number,
    dk_cpr,
    ie_pps,
    at_insurance,
    cz_birth_number,
    ro_cnp,
    bg_egn,
    hr_oib,
    baltic_code,
    il_id,
    ar_cuit,
    cl_rut,
    hk_id,
    tw_id,
    jp_my_number,
    ru_snils,
    ru_inn,
    gr_amka,
    my_nric,
    id_nik,
    eu_vat,
    passport,
    uk_postcode,
    aws_access_key,
    aws_secret_key,
    google_api_key,
    google_oauth,
    azure_storage_key,
    azure_signature,
    azure_client_secret,
    github_token,
    gitlab_token,
    bitbucket_token,
    model_provider_key,
    slack_token,
    chat_webhook,
    discord_token,
    telegram_token,
    stripe_key,
    square_token,
    paypal_token,
    twilio_key,
    sendgrid_key,
    mailgun_key,
    npm_token,
    pypi_token,
    docker_token,
    cloudflare_token,
    digitalocean_token,
    heroku_key,
    service_token,
    url_credentials,
    json_web_token,
    private_key,
    authorization_header,
    assigned_secret,
    assigned_password,
    person,
    organization,
    location,
    street_address,
};
inline constexpr std::size_t kDetectors = static_cast<std::size_t>(Detector::street_address) + 1;

}  // namespace credence::guard
