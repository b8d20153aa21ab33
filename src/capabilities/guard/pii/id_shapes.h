// How official numbers are written, and what proves them: one row a spelling.
//
// Spelling: 9 a digit, A a letter, # either, _ a hyphen, - a blank or hyphen, ~ an optional blank,
// hyphen, dot or slash; any other character is itself. `cue` is the context word that names the
// number. Without it a row of Need::nothing is claimed all the same, a row of Need::cue is not: a
// bare run of digits is nobody's number.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "capabilities/guard/kinds.h"
#include "capabilities/guard/pii/checksums.h"
#include "capabilities/guard/pii/cues.h"
#include "capabilities/guard/pii/national_ids.h"

namespace credence::guard {

enum class Need : std::uint8_t { nothing, cue };

struct IdShape {
    Detector detector;
    std::string_view spelling;
    Need need;
    Cue cue;
    IdCheck check;          // null: the spelling is all there is
    Cue other = Cue::none;  // a second word that names it
};

namespace id_shapes {

using enum Detector;
using enum Need;

inline constexpr auto kRows = std::to_array<IdShape>({
    // United States
    {us_ssn, "999_99_9999", nothing, Cue::ssn, ssn_valid},
    {us_ssn, "999-99-9999", Need::cue, Cue::ssn, ssn_valid},
    {us_ssn, "999999999", Need::cue, Cue::ssn, ssn_valid},
    {us_itin, "999_99_9999", nothing, Cue::taxpayer, us_itin_valid},
    {us_itin, "999-99-9999", Need::cue, Cue::taxpayer, us_itin_valid},
    {us_itin, "999999999", Need::cue, Cue::taxpayer, us_itin_valid},
    {us_routing_number, "999999999", Need::cue, Cue::routing, us_routing_valid},
    {us_routing_number, "9999-9999-9", Need::cue, Cue::routing, us_routing_valid},
    {us_npi, "9999999999", Need::cue, Cue::npi, us_npi_valid},
    {us_medicare, "9A#9-A#9-AA99", nothing, Cue::medicare, us_medicare_valid},
    {us_medicare, "9A#9A#9AA99", nothing, Cue::medicare, us_medicare_valid},
    {medical_license, "AA9999999", nothing, Cue::dea, us_dea_valid},
    {us_passport, "A99999999", Need::cue, Cue::passport, nullptr},
    {us_passport, "999999999", Need::cue, Cue::passport, nullptr},
    // United Kingdom
    {uk_nhs, "999~999~9999", Need::cue, Cue::nhs, uk_nhs_valid},
    {uk_nino, "AA~99~99~99~A", nothing, Cue::nino, uk_nino_valid},
    {uk_driving_licence, "A####999999#####", nothing, Cue::licence, uk_driving_valid},
    {uk_driving_licence, "A####~999999~#####", Need::cue, Cue::licence, uk_driving_valid},
    {uk_vehicle, "AA99~AAA", Need::cue, Cue::vehicle, uk_vehicle_valid},
    {uk_postcode, "A9 9AA", nothing, Cue::postcode, uk_postcode_valid},
    {uk_postcode, "A99 9AA", nothing, Cue::postcode, uk_postcode_valid},
    {uk_postcode, "AA9 9AA", nothing, Cue::postcode, uk_postcode_valid},
    {uk_postcode, "AA99 9AA", nothing, Cue::postcode, uk_postcode_valid},
    {uk_postcode, "A9A 9AA", nothing, Cue::postcode, uk_postcode_valid},
    {uk_postcode, "AA9A 9AA", nothing, Cue::postcode, uk_postcode_valid},
    {uk_postcode, "AA99AA", Need::cue, Cue::postcode, uk_postcode_valid},
    {uk_postcode, "AA999AA", Need::cue, Cue::postcode, uk_postcode_valid},
    {uk_postcode, "A999AA", Need::cue, Cue::postcode, uk_postcode_valid},
    // Ireland
    {ie_pps, "9999999A", Need::cue, Cue::pps, ie_pps_valid},
    {ie_pps, "9999999AA", nothing, Cue::pps, ie_pps_valid},
    // Spain, Portugal
    {es_nif, "99999999~A", nothing, Cue::national_id, es_nif_valid},
    {es_nif, "99.999.999~A", nothing, Cue::national_id, es_nif_valid},
    {es_nif, "A9999999A", nothing, Cue::national_id, es_nif_valid},
    {es_nie, "A~9999999~A", nothing, Cue::national_id, es_nie_valid},
    {es_passport, "AAA999999", Need::cue, Cue::passport, nullptr},
    {pt_nif, "999~999~999", Need::cue, Cue::nif, pt_nif_valid, Cue::vat},
    // Italy
    {it_fiscal_code, "AAAAAA##A##A###A", nothing, Cue::none, it_fiscal_code_valid},
    {it_fiscal_code, "AAA-AAA-##A##-A###A", nothing, Cue::none, it_fiscal_code_valid},
    {it_vat, "99999999999", Need::cue, Cue::vat, luhn_valid},
    {it_vat, "IT99999999999", nothing, Cue::vat, nullptr},
    {it_driving_licence, "A#9999999A", Need::cue, Cue::licence, nullptr},
    {it_identity_card, "AA~99999AA", Need::cue, Cue::national_id, nullptr},
    {it_identity_card, "AA~9999999", Need::cue, Cue::national_id, nullptr},
    {it_passport, "AA9999999", Need::cue, Cue::passport, nullptr},
    // Germany
    {de_tax_id, "99~999~999~999", Need::cue, Cue::steuer, de_tax_id_valid},
    {de_tax_number, "99/999/99999", nothing, Cue::steuer, nullptr},
    {de_tax_number, "999/999/99999", nothing, Cue::steuer, nullptr},
    {de_tax_number, "999/9999/9999", nothing, Cue::steuer, nullptr},
    {de_tax_number, "9999999999999", Need::cue, Cue::steuer, nullptr},
    {de_passport, "A#########", Need::cue, Cue::passport, de_document_valid},
    {de_passport, "A########", Need::cue, Cue::passport, de_serial_valid},
    {de_id_card, "A#########", Need::cue, Cue::national_id, de_document_valid},
    {de_id_card, "A########", Need::cue, Cue::national_id, de_serial_valid},
    {de_social_security, "99~999999~A~999", nothing, Cue::ssn, de_social_security_valid},
    {de_health_insurance, "A999999999", Need::cue, Cue::health, de_health_valid},
    {de_vat, "DE~999999999", nothing, Cue::vat, de_vat_valid},
    {de_vat, "DE-999-999-999", nothing, Cue::vat, de_vat_valid},
    {de_driving_licence, "A#########9", Need::cue, Cue::licence, de_driving_valid},
    {de_driving_licence, "A##99######", Need::cue, Cue::licence, de_driving_valid},
    {de_vehicle, "A-AA-999", Need::cue, Cue::vehicle, nullptr},
    {de_vehicle, "A-AA-9999", Need::cue, Cue::vehicle, nullptr},
    {de_vehicle, "AA-AA-999", Need::cue, Cue::vehicle, nullptr},
    {de_vehicle, "AA-AA-9999", Need::cue, Cue::vehicle, nullptr},
    {de_vehicle, "AA-A-999", Need::cue, Cue::vehicle, nullptr},
    {de_vehicle, "AA-A-9999", Need::cue, Cue::vehicle, nullptr},
    {de_vehicle, "AAA-AA-99", Need::cue, Cue::vehicle, nullptr},
    {de_vehicle, "AAA-AA-999", Need::cue, Cue::vehicle, nullptr},
    {de_vehicle, "AAA-A-999", Need::cue, Cue::vehicle, nullptr},
    // Western Europe
    {fr_nir, "9-99-99-##-999-999-99", nothing, Cue::nir, fr_nir_valid},
    {fr_nir, "9-99-99-##-999-999~99", nothing, Cue::nir, fr_nir_valid},
    {fr_nir, "99999##999999~99", Need::cue, Cue::nir, fr_nir_valid, Cue::national_id},
    {be_national_number, "99.99.99-999.99", nothing, Cue::national_id, be_national_valid},
    {be_national_number, "99.99.99~999~99", nothing, Cue::national_id, be_national_valid},
    {be_national_number, "99999999999", Need::cue, Cue::national_id, be_national_valid},
    {nl_bsn, "999999999", Need::cue, Cue::bsn, nl_bsn_valid},
    {nl_bsn, "9999~99~999", Need::cue, Cue::bsn, nl_bsn_valid},
    {nl_bsn, "999~999~999", Need::cue, Cue::bsn, nl_bsn_valid},
    {ch_ahv, "999.9999.9999.99", nothing, Cue::pension, ch_ahv_valid},
    {ch_ahv, "9999999999999", Need::cue, Cue::pension, ch_ahv_valid, Cue::ssn},
    {at_insurance, "9999~999999", Need::cue, Cue::ssn, at_insurance_valid},
    // Northern Europe
    {fi_hetu, "999999_999#", nothing, Cue::personal_code, fi_hetu_valid},
    {fi_hetu, "999999+999#", nothing, Cue::personal_code, fi_hetu_valid},
    {fi_hetu, "999999A999#", nothing, Cue::personal_code, fi_hetu_valid},
    {se_personal_number, "999999_9999", nothing, Cue::personnummer, se_personal_valid},
    {se_personal_number, "999999+9999", nothing, Cue::personnummer, se_personal_valid},
    {se_personal_number, "99999999_9999", nothing, Cue::personnummer, se_personal_valid},
    {se_personal_number, "999999999999", Need::cue, Cue::personnummer, se_personal_valid},
    {se_personal_number, "9999999999", Need::cue, Cue::personnummer, se_personal_valid},
    {no_birth_number, "999999~99999", Need::cue, Cue::personal_code, no_birth_valid},
    {dk_cpr, "999999~9999", Need::cue, Cue::personal_code, dk_cpr_valid},
    // Eastern Europe
    {pl_pesel, "99999999999", Need::cue, Cue::pesel, pl_pesel_valid, Cue::national_id},
    {pl_nip, "999_999_99_99", nothing, Cue::nip, pl_nip_valid},
    {pl_nip, "999_99_99_999", nothing, Cue::nip, pl_nip_valid},
    {pl_nip, "9999999999", Need::cue, Cue::nip, pl_nip_valid},
    {cz_birth_number, "999999/9999", nothing, Cue::personal_code, cz_birth_valid},
    {cz_birth_number, "9999999999", Need::cue, Cue::personal_code, cz_birth_valid},
    {ro_cnp, "9999999999999", Need::cue, Cue::cnp, ro_cnp_valid, Cue::national_id},
    {bg_egn, "9999999999", Need::cue, Cue::egn, bg_egn_valid},
    {hr_oib, "99999999999", Need::cue, Cue::oib, mod_11_10_valid},
    {baltic_code, "99999999999", Need::cue, Cue::personal_code, baltic_code_valid,
     Cue::national_id},
    {ru_snils, "999_999_999-99", nothing, Cue::snils, ru_snils_valid},
    {ru_snils, "99999999999", Need::cue, Cue::snils, ru_snils_valid},
    {ru_inn, "9999999999", Need::cue, Cue::inn, ru_inn_valid},
    {ru_inn, "999999999999", Need::cue, Cue::inn, ru_inn_valid},
    {gr_amka, "99999999999", Need::cue, Cue::amka, gr_amka_valid},
    {tr_id, "99999999999", Need::cue, Cue::national_id, tr_id_valid},
    // Americas
    {ca_sin, "999-999-999", Need::cue, Cue::sin, ca_sin_valid},
    {ca_sin, "999999999", Need::cue, Cue::sin, ca_sin_valid},
    {br_cpf, "999.999.999-99", nothing, Cue::cpf, br_cpf_valid},
    {br_cpf, "99999999999", Need::cue, Cue::cpf, br_cpf_valid},
    {br_cpf, "999999999-99", nothing, Cue::cpf, br_cpf_valid},
    {br_cnpj, "99.999.999/9999-99", nothing, Cue::cnpj, br_cnpj_valid},
    {br_cnpj, "99999999999999", Need::cue, Cue::cnpj, br_cnpj_valid},
    {mx_curp, "AAAA999999AAAAAA##", nothing, Cue::curp, mx_curp_valid},
    {ar_cuit, "99_99999999_9", nothing, Cue::cuit, ar_cuit_valid},
    {ar_cuit, "99999999999", Need::cue, Cue::cuit, ar_cuit_valid},
    {cl_rut, "99.999.999-#", nothing, Cue::rut, cl_rut_valid},
    {cl_rut, "9.999.999-#", nothing, Cue::rut, cl_rut_valid},
    {cl_rut, "99999999-#", Need::cue, Cue::rut, cl_rut_valid},
    {cl_rut, "9999999-#", Need::cue, Cue::rut, cl_rut_valid},
    // Asia, Oceania, Africa
    {sg_fin, "A9999999A", nothing, Cue::nric, sg_fin_valid},
    {au_abn, "99-999-999-999", nothing, Cue::abn, au_abn_valid},
    {au_abn, "99999999999", Need::cue, Cue::abn, au_abn_valid},
    {au_acn, "999~999~999", Need::cue, Cue::acn, au_acn_valid},
    {au_tfn, "999~999~999", Need::cue, Cue::tfn, au_tfn_valid},
    {au_medicare, "9999~99999~9", Need::cue, Cue::medicare, au_medicare_valid},
    {in_pan, "AAAAA9999A", nothing, Cue::pan, in_pan_valid},
    {in_aadhaar, "9999~9999~9999", Need::cue, Cue::aadhaar, in_aadhaar_valid},
    {in_aadhaar, "9999_9999_9999", nothing, Cue::aadhaar, in_aadhaar_valid},
    {in_gstin, "99AAAAA9999A###", nothing, Cue::gstin, in_gstin_valid},
    {in_voter, "AAA9999999", Need::cue, Cue::voter, nullptr},
    {in_passport, "A9999999", Need::cue, Cue::passport, nullptr},
    {in_vehicle, "AA~99~AA~9999", nothing, Cue::vehicle, in_vehicle_valid},
    {in_vehicle, "AA~99~A~9999", Need::cue, Cue::vehicle, in_vehicle_valid},
    {kr_rrn, "999999_9999999", nothing, Cue::rrn, kr_rrn_valid},
    {kr_rrn, "9999999999999", Need::cue, Cue::rrn, kr_rrn_valid},
    {kr_brn, "999-99-99999", Need::cue, Cue::company, kr_brn_valid},
    {za_id, "999999~9999~999", Need::cue, Cue::national_id, za_id_valid},
    {th_id, "9-9999-99999-99-9", nothing, Cue::national_id, th_id_valid},
    {th_id, "9999999999999", Need::cue, Cue::national_id, th_id_valid},
    {ph_id, "9999-9999-9999-9999", Need::cue, Cue::national_id, nullptr},
    {ph_id, "9999-9999999-9", Need::cue, Cue::national_id, nullptr},
    {ng_nin, "99999999999", Need::cue, Cue::nin, nullptr},
    {cn_resident_id, "99999999999999999#", nothing, Cue::national_id, cn_resident_valid},
    {il_id, "99999999~9", Need::cue, Cue::national_id, il_id_valid},
    {hk_id, "A999999(#)", nothing, Cue::national_id, hk_id_valid},
    {hk_id, "AA999999(#)", nothing, Cue::national_id, hk_id_valid},
    {tw_id, "A999999999", Need::cue, Cue::national_id, tw_id_valid},
    {jp_my_number, "9999~9999~9999", Need::cue, Cue::my_number, jp_my_number_valid},
    {my_nric, "999999_99_9999", nothing, Cue::national_id, my_nric_valid},
    {my_nric, "999999999999", Need::cue, Cue::national_id, my_nric_valid},
    {id_nik, "9999999999999999", Need::cue, Cue::national_id, id_nik_valid},
    // Of many countries
    {eu_vat, "ATU99999999", nothing, Cue::vat, nullptr},
    {eu_vat, "BE0999999999", nothing, Cue::vat, nullptr},
    {eu_vat, "FR##999999999", nothing, Cue::vat, nullptr},
    {eu_vat, "GB999999999", nothing, Cue::vat, nullptr},
    {eu_vat, "GB999-9999-99", nothing, Cue::vat, nullptr},
    {eu_vat, "NL999999999B99", nothing, Cue::vat, nullptr},
    {eu_vat, "ESA9999999#", nothing, Cue::vat, nullptr},
    {eu_vat, "PL9999999999", nothing, Cue::vat, nullptr},
    {eu_vat, "PT999999999", nothing, Cue::vat, nullptr},
    {eu_vat, "SE999999999901", nothing, Cue::vat, nullptr},
    {eu_vat, "DK99999999", Need::cue, Cue::vat, nullptr},
    {eu_vat, "CHE-999.999.999", nothing, Cue::vat, nullptr},
    {passport, "AA999999", Need::cue, Cue::passport, nullptr},
    {passport, "99AA99999", Need::cue, Cue::passport, nullptr},
    {passport, "99-99-999999", Need::cue, Cue::passport, nullptr},
});

}  // namespace id_shapes

inline constexpr auto& kIdShapes = id_shapes::kRows;

}  // namespace credence::guard
