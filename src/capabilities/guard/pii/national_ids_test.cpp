#include "capabilities/guard/pii/national_ids.h"

#include <gtest/gtest.h>

#include "capabilities/guard/pii/checksums.h"
#include "capabilities/guard/pii/crypto_addresses.h"

namespace credence::guard {
namespace {

struct Textbook {
    const char* name;
    IdCheck check;
    const char* valid;
};

// Values that the authorities or textbooks print as examples.
constexpr Textbook kTextbook[] = {
    {"us_itin", us_itin_valid, "912731234"},
    {"us_routing", us_routing_valid, "021000021"},
    {"us_routing", us_routing_valid, "122105155"},
    {"us_medicare", us_medicare_valid, "1EG4TE5MK73"},
    {"us_npi", us_npi_valid, "1234567893"},
    {"us_dea", us_dea_valid, "AB1234563"},
    {"uk_nhs", uk_nhs_valid, "9434765919"},
    {"uk_nhs", uk_nhs_valid, "4010232137"},
    {"uk_driving", uk_driving_valid, "MORGA657054SM9IJ"},
    {"es_nif", es_nif_valid, "12345678Z"},
    {"es_nie", es_nie_valid, "X1234567L"},
    {"it_fiscal_code", it_fiscal_code_valid, "RSSMRA85T10A562S"},
    {"it_vat", luhn_valid, "07643520567"},
    {"pt_nif", pt_nif_valid, "123456789"},
    {"de_tax_id", de_tax_id_valid, "86095742719"},
    {"de_tax_id", de_tax_id_valid, "47036892816"},
    {"de_document", de_document_valid, "T220001293"},
    {"de_social_security", de_social_security_valid, "15070649C103"},
    {"de_social_security", de_social_security_valid, "65170839J003"},
    {"de_health", de_health_valid, "A123456780"},
    {"de_vat", de_vat_valid, "DE136695976"},
    {"fr_nir", fr_nir_valid, "255081416802538"},
    {"be_national", be_national_valid, "85073003328"},
    {"nl_bsn", nl_bsn_valid, "111222333"},
    {"ch_ahv", ch_ahv_valid, "7569217076985"},
    {"at_insurance", at_insurance_valid, "1237010180"},
    {"ie_pps", ie_pps_valid, "1234567T"},
    {"ie_pps", ie_pps_valid, "1234567FA"},
    {"se_personal", se_personal_valid, "8112289874"},
    {"fi_hetu", fi_hetu_valid, "131052-308T"},
    {"pl_pesel", pl_pesel_valid, "44051401359"},
    {"pl_nip", pl_nip_valid, "1234563218"},
    {"cz_birth", cz_birth_valid, "7103192745"},
    {"bg_egn", bg_egn_valid, "7523169263"},
    {"hr_oib", mod_11_10_valid, "33392005961"},
    {"baltic", baltic_code_valid, "37605030299"},
    {"ru_snils", ru_snils_valid, "11223344595"},
    {"ru_inn", ru_inn_valid, "7707083893"},
    {"tr_id", tr_id_valid, "10000000146"},
    {"ca_sin", ca_sin_valid, "130692544"},
    {"br_cpf", br_cpf_valid, "52998224725"},
    {"br_cnpj", br_cnpj_valid, "11222333000181"},
    {"mx_curp", mx_curp_valid, "HEGG560427MVZRRL04"},
    {"ar_cuit", ar_cuit_valid, "20055361682"},
    {"cl_rut", cl_rut_valid, "123456785"},
    {"sg_fin", sg_fin_valid, "S1234567D"},
    {"sg_fin", sg_fin_valid, "F1234567N"},
    {"au_abn", au_abn_valid, "51824753556"},
    {"au_acn", au_acn_valid, "004085616"},
    {"au_tfn", au_tfn_valid, "123456782"},
    {"au_medicare", au_medicare_valid, "2123456701"},
    {"in_pan", in_pan_valid, "ABCPE1234F"},
    {"in_aadhaar", in_aadhaar_valid, "234123412346"},
    {"verhoeff", verhoeff_valid, "2363"},
    {"in_gstin", in_gstin_valid, "27AAPFU0939F1ZV"},
    {"kr_brn", kr_brn_valid, "2208162517"},
    {"za_id", za_id_valid, "8001015009087"},
    {"cn_resident", cn_resident_valid, "11010519491231002X"},
    {"hk_id", hk_id_valid, "A1234563"},
    {"tw_id", tw_id_valid, "A123456789"},
    {"jp_my_number", jp_my_number_valid, "123456789018"},
};

TEST(NationalIds, TextbookValues) {
    for (const Textbook& row : kTextbook) {
        EXPECT_TRUE(row.check(row.valid)) << row.name << ' ' << row.valid;
    }
}

TEST(NationalIds, OneChangedDigitIsSeen) {
    for (const Textbook& row : kTextbook) {
        const std::string_view name = row.name;
        if (name == "au_medicare" || name == "us_itin" || name == "us_medicare" ||
            name == "uk_driving" || name == "in_pan") {
            continue;  // formats without a check digit
        }
        std::string changed = row.valid;
        std::size_t at = changed.find_last_of("0123456789");
        changed[at] = changed[at] == '9' ? '0' : static_cast<char>(changed[at] + 1);
        EXPECT_FALSE(row.check(changed)) << name << ' ' << changed;
    }
}

TEST(NationalIds, RefuseOtherLengthsAndNothing) {
    for (const Textbook& row : kTextbook) {
        const std::string_view name = row.name;
        EXPECT_FALSE(row.check("")) << name;
        if (name != "verhoeff" && name != "it_vat" && name != "hr_oib") {
            EXPECT_FALSE(row.check(std::string(row.valid) + "00")) << name;
        }
    }
}

TEST(CryptoAddresses, ByChecksum) {
    EXPECT_EQ(crypto_address_kind("1BoatSLRHtKNngkdXEeobR76b53LETtpyT"), Detector::crypto_bitcoin);
    EXPECT_EQ(crypto_address_kind("1BoatSLRHtKNngkdXEeobR76b53LETtpyU"), Detector::none);
    EXPECT_EQ(crypto_address_kind("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
              Detector::crypto_bitcoin);
    EXPECT_EQ(crypto_address_kind("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"), Detector::none);
    EXPECT_EQ(crypto_address_kind("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"),
              Detector::crypto_bitcoin);
    EXPECT_EQ(crypto_address_kind("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
              Detector::crypto_ethereum);
    EXPECT_EQ(crypto_address_kind("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"), Detector::none);
}

}  // namespace
}  // namespace credence::guard
