// Check digits and formats of official numbers. Every function takes the number without blanks and
// hyphens, letters upper case, and says whether it can be a real one. Pure, no allocation,
// O(length).
//
// Sources of the formulas: ISO 7064 (pure and hybrid systems), ISO/IEC 7812-1 (Luhn), and for each
// number the rule published by the authority that issues it, named at the function.
#pragma once

#include <string_view>

namespace credence::guard {

using IdCheck = bool (*)(std::string_view id);

// ISO 7064 MOD 11,10 over digits, the last of which is the check digit.
bool mod_11_10_valid(std::string_view digits);
// Verhoeff's dihedral check (J. Verhoeff, 1969) over digits.
bool verhoeff_valid(std::string_view digits);
// Day and month, as two decimal numbers, can stand in a calendar.
bool is_day_of_month(int day, int month);

// United States
bool us_itin_valid(std::string_view id);      // IRS: 9xx, group 50-65, 70-88, 90-92, 94-99
bool us_routing_valid(std::string_view id);   // American Bankers Association: weights 3 7 1, mod 10
bool us_medicare_valid(std::string_view id);  // CMS: format of the Medicare Beneficiary Identifier
bool us_npi_valid(std::string_view id);       // CMS: Luhn behind the prefix 80840
bool us_dea_valid(std::string_view id);       // DEA: registrant letter, odd + 2 * even digits
// United Kingdom
bool uk_nhs_valid(std::string_view id);       // NHS data dictionary: weights 10..2, mod 11
bool uk_nino_valid(std::string_view id);      // HMRC: letters that are not issued
bool uk_driving_valid(std::string_view id);   // DVLA: date inside the number
bool uk_vehicle_valid(std::string_view id);   // DVLA: current style, age identifier
bool uk_postcode_valid(std::string_view id);  // Royal Mail: postcode areas, inward letters
// Southern Europe
bool es_nif_valid(std::string_view id);          // Ministerio del Interior: letter by mod 23
bool es_nie_valid(std::string_view id);          // the same with X, Y, Z as 0, 1, 2
bool it_fiscal_code_valid(std::string_view id);  // DM 23/12/1976: odd and even tables, mod 26
bool pt_nif_valid(std::string_view id);          // Autoridade Tributaria: weights 9..2, mod 11
bool gr_amka_valid(std::string_view id);         // date and Luhn
// Western and northern Europe
bool de_tax_id_valid(std::string_view id);           // BZSt: MOD 11,10 and one repeated digit
bool de_serial_valid(std::string_view id);           // passports and cards without the check digit
bool de_document_valid(std::string_view id);         // ICAO 9303: weights 7 3 1, mod 10
bool de_social_security_valid(std::string_view id);  // VKVV section 4: weights and cross sums
bool de_health_valid(std::string_view id);           // SGB V section 290: weights 1 2
bool de_vat_valid(std::string_view id);              // "DE" and MOD 11,10
bool de_driving_valid(std::string_view id);    // FeV: eleven characters, check by weights 9..1
bool fr_nir_valid(std::string_view id);        // INSEE: 97 - n mod 97, Corsica 2A, 2B
bool be_national_valid(std::string_view id);   // Rijksregister: 97 - n mod 97, "2" from 2000 on
bool nl_bsn_valid(std::string_view id);        // RvIG: weights 9..2, -1, mod 11
bool ch_ahv_valid(std::string_view id);        // ZAS: 756 and EAN-13
bool at_insurance_valid(std::string_view id);  // Dachverband: weights 3 7 9 5 8 4 2 1 6, mod 11
bool ie_pps_valid(std::string_view id);        // Revenue: weights 8..2 and 9, mod 23
bool se_personal_valid(std::string_view id);   // Skatteverket: date and Luhn
bool no_birth_valid(std::string_view id);      // Skatteetaten: two check digits, mod 11
bool dk_cpr_valid(std::string_view id);        // CPR office: date only since 2007
bool fi_hetu_valid(std::string_view id);       // DVV: mod 31
// Eastern Europe
bool pl_pesel_valid(std::string_view id);     // weights 1 3 7 9, century in the month
bool pl_nip_valid(std::string_view id);       // weights 6 5 7 2 3 4 5 6 7, mod 11
bool cz_birth_valid(std::string_view id);     // divisible by 11, women's month + 50
bool ro_cnp_valid(std::string_view id);       // weights 279146358279, mod 11
bool bg_egn_valid(std::string_view id);       // weights 2 4 8 5 10 9 7 3 6, mod 11 mod 10
bool baltic_code_valid(std::string_view id);  // EE and LT: two rounds of weights, mod 11
bool ru_snils_valid(std::string_view id);     // weights 9..1, mod 101
bool ru_inn_valid(std::string_view id);       // 10 or 12 digits, mod 11 mod 10
bool tr_id_valid(std::string_view id);        // NVI: 7 * odd - even, then sum, mod 10
// Americas
bool ca_sin_valid(std::string_view id);   // Luhn, first digit 1-7 or 9
bool br_cpf_valid(std::string_view id);   // Receita Federal: two check digits, mod 11
bool br_cnpj_valid(std::string_view id);  // Receita Federal: two check digits, mod 11
bool mx_curp_valid(std::string_view id);  // RENAPO: date, state, weights 18..2, mod 10
bool ar_cuit_valid(std::string_view id);  // AFIP: weights 5 4 3 2 7 6 5 4 3 2, mod 11
bool cl_rut_valid(std::string_view id);   // Registro Civil: weights 2..7, mod 11, K
// Asia, Oceania, Africa
bool sg_fin_valid(std::string_view id);       // ICA: weights 2 7 6 5 4 3 2, letter by series
bool au_abn_valid(std::string_view id);       // ABR: weights, mod 89
bool au_acn_valid(std::string_view id);       // ASIC: weights 8..1, mod 10
bool au_tfn_valid(std::string_view id);       // ATO: weights 1 4 3 7 5 8 6 9 10, mod 11
bool au_medicare_valid(std::string_view id);  // Services Australia: weights 1 3 7 9, mod 10
bool in_pan_valid(std::string_view id);       // Income Tax Department: fourth letter
bool in_aadhaar_valid(std::string_view id);   // UIDAI: Verhoeff, first digit 2-9
bool in_gstin_valid(std::string_view id);     // GSTN: state, PAN, mod 36
bool in_vehicle_valid(std::string_view id);   // state codes
bool kr_rrn_valid(std::string_view id);       // residents and foreigners: weights 2..9 2..5, mod 11
bool kr_brn_valid(std::string_view id);       // NTS: weights 1 3 7 1 3 7 1 3 5
bool za_id_valid(std::string_view id);        // DHA: date, citizenship, Luhn
bool th_id_valid(std::string_view id);        // DOPA: weights 13..2, mod 11
bool cn_resident_valid(std::string_view id);  // GB 11643: ISO 7064 MOD 11-2, date, region
bool il_id_valid(std::string_view id);        // Luhn over nine digits
bool hk_id_valid(std::string_view id);        // Immigration Department: weights 9..1, mod 11
bool tw_id_valid(std::string_view id);        // letter to two digits, weights, mod 10
bool jp_my_number_valid(std::string_view id);  // J-LIS: weights 6..2 7..2, mod 11
bool my_nric_valid(std::string_view id);       // JPN: date and place of birth
bool id_nik_valid(std::string_view id);        // Dukcapil: province and date

}  // namespace credence::guard
