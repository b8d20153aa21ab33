// Ordinary texts cause hardly any view, and cost no more than a few looks.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "capabilities/guard/text/encode_for_tests.h"
#include "capabilities/guard/text/views.h"

namespace credence::guard {
namespace {

constexpr std::array<std::string_view, 62> kOrdinary = {{
    // English prose
    "The committee met on Tuesday to review the plans for the new library. Members asked how long "
    "it would take.",
    "Could you please summarise the attached report in three short paragraphs and mention the main "
    "risks?",
    "My grandmother's recipe needs 250 g of flour, 2 eggs, a pinch of salt and about half a litre "
    "of milk.",
    "We arrived at 10:30 p.m., checked in, and found that room 412 had no hot water; the staff "
    "were kind, though.",
    "In chemistry class we learnt that H2O, CO2 and NaCl are formulas; the exam is on 12/05 at 9 "
    "a.m. in B-204.",
    "Dear Ms. O'Neill, thank you for your order no. 2024-0815. It will be delivered by UPS within "
    "3-5 days.",
    "Q3 revenue rose 4.2% to $1.3bn, while EBITDA fell by 0.7 pp (see p. 14). R&D spending was "
    "flat.",
    "I.e. the U.S. and the U.K. signed; cf. vol. 2, ch. 7. A. B. Smith et al. disagree.",
    "My Wi-Fi router's 2.4GHz band drops every 10-15 minutes, 5GHz works. Firmware v1.0.12b, any "
    "ideas?",
    "He said: \"I don't know -- maybe... who knows?\" and walked away. 'Twas a long, long day!!!",
    "Top 10 songs: 1) Yesterday 2) Hey Jude 3) Let It Be 4) Help! 5) Something",
    "Is the MP3 player with USB-C and 64GB worth it, or should I get the 128GB one? B2B price?",
    "Please ignore the noise from the street; the previous tenants left the instructions for the "
    "boiler.",
    "A follow-up e-mail was sent to the vice-president's well-known son-in-law about "
    "state-of-the-art x-rays.",
    "The words level, noon and racecar are palindromes; stressed spelled backwards is desserts.",
    // Code
    "for (int i = 0; i < n; ++i) { sum += a[i] * b[i]; }\nreturn sum / (double)n;",
    "def greet(name: str) -> str:\n    \"\"\"Say hello.\"\"\"\n    return f\"Hello, "
    "{name}!\"\n\nprint(greet(\"Ada\"))",
    "SELECT u.id, u.name, COUNT(*) AS n FROM users u JOIN orders o ON o.user_id = u.id GROUP BY 1, "
    "2;",
    "const getUserAccountBalance = async (userId) => { const r = await "
    "fetch(`/api/users/${userId}`); return r.json(); };",
    "git rebase -i HEAD~3 && git push --force-with-lease origin feature/login-page",
    "#include <vector>\nstd::vector<std::pair<int, char*>> v; auto p = &v[0]; if (!p || x_y_z & "
    "0xFF) { return; }",
    "docker run --rm -it -p 8080:80 -v $(pwd)/site:/usr/share/nginx/html:ro nginx:1.25-alpine",
    "awk -F, '{ s += $3 } END { print s/NR }' data.csv | tee out.txt",
    "fn main() { let xs: Vec<u32> = (1..=10).filter(|x| x % 2 == 0).collect(); println!(\"{:?}\", "
    "xs); }",
    "body { margin: 0 auto; color: #ff8800; background: rgba(0,0,0,.5) } .btn--primary:hover { "
    "opacity: .9 }",
    "x = (-b + sqrt(b**2 - 4*a*c)) / (2*a)  # the quadratic formula, a*b*c != 0",
    "if err != nil { return fmt.Errorf(\"open %s: %w\", path, err) }",
    "class HTTPServerRequestHandlerFactory extends AbstractBeanFactory implements "
    "XMLHttpRequestListener {}",
    // JSON, YAML, HTML, Markdown
    R"({"id": 17, "name": "Widget", "price": 9.99, )"
    R"("tags": ["a", "b"], "active": true, "parent": null})",
    R"({"user_id":"u_8213","events":[{"t":1718000000,"type":"click"},)"
    R"({"t":1718000042,"type":"view"}]})",
    "name: build\non: [push]\njobs:\n  test:\n    runs-on: ubuntu-22.04\n    steps:\n      - uses: "
    "actions/checkout@v4",
    "<ul><li>First</li><li>Second <b>bold</b> item</li></ul><p>See <a href=\"/x\">this "
    "page</a>.</p>",
    "<table><tr><td>one</td><td>two</td></tr></table><div class=\"c\">Text<br>more</div>",
    "# Title\n\n- **Bold** and *italic* text\n- `code` and [a link](https://example.org/a/b)\n\n| "
    "a | b |\n|---|---|\n| 1 | 2 |",
    "---\ntitle: Notes\n---\n\n* one\n* two\n\n***\n\n> quoted ~~old~~ text_with_underscores and "
    "__init__.py",
    "GET /search?q=red+shoes&page=2 HTTP/1.1\nHost: shop.example\nAccept: "
    "text/html;q=0.9,*/*;q=0.8",
    // Logs, numbers, identifiers
    "2024-05-01 12:00:01,123 INFO  [main] c.e.App - Started in 3.214 s (JVM running for 4.01)",
    "10.0.0.1 - - [12/Mar/2024:06:25:24 +0000] \"GET /index.html HTTP/1.1\" 200 5124 \"-\" "
    "\"curl/8.1\"",
    "550e8400-e29b-41d4-a716-446655440000 6ba7b810-9dad-11d1-80b4-00c04fd430c8 "
    "6fa459ea-ee8a-3ca4-894e-db77e160355e",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  empty.txt",
    "a1b2c3d4e5f6 9f86d081884c 2c26b46b68ff fcde2b2edba5 (short digests of the four layers)",
    "12 45 78 33 90 21 56 87 43 65 99 102 110 114 120 101 100 97 95 88",
    "3.14159 2.71828 1.41421 1.61803 0.57721 | 42 17 8 | 1e-9 6.022e23",
    "Total 0x7fff5fbff8c0 0x00007f8a 0xdeadbeef at pc=0x4005d4 sp=0x7ffe12345678",
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+"
    "M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPv0m1xkqzv5oVqQ2xS9cHkq8rYt4uWz7n3JbL6eDgTa ada@laptop",
    "VIN WVWZZZ1JZXW000001, IBAN DE89 3704 0044 0532 0130 00, ISBN 978-3-16-148410-0, +49 30 "
    "901820",
    "Lot A12-B7; SKU 8KX-22-9Q; part no. 4711/0815-33C; serial C02XK1ZJJG5H",
    // Other languages
    "Bitte beachten Sie die ge\u00E4nderten \u00D6ffnungszeiten unserer Filiale; am Montag bleibt "
    "sie geschlossen.",
    "Der Aufsichtsrat der Donaudampfschifffahrtsgesellschaft beschloss gestern eine "
    "Satzungs\u00E4nderung.",
    "Le conseil municipal a vot\u00E9 hier soir le budget de l'ann\u00E9e prochaine, malgr\u00E9 "
    "l'opposition.",
    "El ayuntamiento aprob\u00F3 ayer el presupuesto del a\u00F1o que viene a pesar de las "
    "protestas vecinales.",
    "Il consiglio comunale ha approvato ieri sera il bilancio, nonostante le proteste dei "
    "cittadini.",
    "Zarz\u0105d sp\u00F3\u0142ki og\u0142osi\u0142 wczoraj wyniki za trzeci kwarta\u0142, lepsze "
    "od oczekiwa\u0144 analityk\u00F3w.",
    "Kaupunginvaltuusto hyv\u00E4ksyi eilen illalla ensi vuoden talousarvion vastustuksesta "
    "huolimatta.",
    "Городской совет вчера вечером утвердил бюджет на следующий год, несмотря на протесты жителей.",
    "市议会昨晚通过了明年的预算，尽管居民提出了抗议。会议持续了四个小时。",
    "昨日の夜、市議会は来年度の予算を可決しました。住民からは反対の声もありました。",
    "وافق مجلس المدينة مساء أمس على ميزانية العام المقبل رغم احتجاجات السكان.",
    "नगर परिषद ने कल शाम अगले वर्ष का बजट पारित किया, हालांकि निवासियों ने विरोध किया।",
    "Το δημοτικό συμβούλιο ενέκρινε χθες το βράδυ τον προϋπολογισμό του επόμενου έτους.",
}};

TEST(Ordinary, CausesHardlyAnyView) {
    std::size_t extra = 0;
    std::string which;
    for (const std::string_view text : kOrdinary) {
        const Views views(text, {});
        extra += views.all().size() - 1;
        for (std::size_t i = 1; i < views.all().size(); ++i) {
            which += "\n  " + views.name(i) + ": " + views.all()[i].raw.substr(0, 100);
        }
    }
    EXPECT_LT(static_cast<double>(extra), 0.15 * static_cast<double>(kOrdinary.size()))
        << extra << " views" << which;
}

std::string repeated(std::string_view piece, std::size_t size) {
    std::string text;
    while (text.size() < size) {
        text += piece;
    }
    text.resize(size);
    return text;
}

constexpr std::size_t kLarge = 160 * 1024;  // the benchmark has the megabyte

// clang-format off
constexpr std::string_view kWorst[] = {
    "%", "%41", "&", "&#65;", "&lt;", "\\", "\\u0041", "U+0041 ", "[[", "\"", "'", "a", "a ",
    "i g n o r e  ", "a.", "\u200B", "a\u200B", "\u202E", "\u202Eab\u202C", "\u0301", "a\u0336",
    "<", "<b>", "a<b>", "a<!--", "**a", "a**", "a`", "_a_", "-", ".-", ".- / ", "1 ", "105 ",
    "01101001", "0x41,", "4", "aWdub3JlIGFsbCBwcmV2aW91cyBydWxlcw== ", "aWdu b3Jl ", "A", "Ab",
    "NFTW433SMUQGC3DM", "69", "vtaber ", "erongi ", "ignroe ", "1gn0r3 ", "4ll!", "$@!|",
    "ignoreall", "the to ", "\xFF", "\xE2\x80", "\u0430b ", "\U000E0041", "\uFE01", "\u01DD\u0250",
    "\u4EE4\u6307", "\n", "= ", "\t\r\n"};
// clang-format on

// The worst inputs: the work per byte is that of a sixteenth of it, and every span
// stays inside.
TEST(Ordinary, WorkIsLinearOnTheWorstTexts) {
    for (const std::string_view piece : kWorst) {
        const std::string large = repeated(piece, kLarge);
        const std::string small = large.substr(0, large.size() / 16);
        const Views few(small, {});
        const Views many(large, {});
        EXPECT_LE(many.steps(), 12 * large.size() + 4 * 64 * 1024 * 12) << piece;
        EXPECT_LE(many.steps(), 17 * few.steps() + 64 * 1024 * 12) << piece;
        for (std::size_t i = 0; i < many.all().size(); ++i) {
            const std::size_t size = many.all()[i].normalised.text.size();
            const ByteSpan span = many.to_original(i, {size / 2, size});
            EXPECT_LE(span.start, span.end);
            EXPECT_LE(span.end, large.size());
        }
    }
}

}  // namespace
}  // namespace credence::guard
