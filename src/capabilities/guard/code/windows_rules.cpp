#include "capabilities/guard/code/windows_rules.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "capabilities/guard/code/word_table.h"

namespace credence::guard {

namespace {

// Where anybody may write.
constexpr std::string_view kPlaces =
    "\\temp\\|%temp%|%tmp%|$env:temp|appdata|\\users\\public|\\programdata|\\perflogs|c:\\temp|"
    "\\tmp\\|downloads";
constexpr std::string_view kNetwork = "http:|https:|ftp:| \\\\";
// Keys of the registry that start programs.
constexpr std::string_view kStaying =
    "currentversion\\run|\\winlogon|image file "
    "execution|silentprocessexit|appinit_dlls|appcertdlls|active "
    "setup|userinit|logon\\script|logonscript|print\\monitors|time "
    "providers|timeproviders|netsh|control "
    "panel\\desktop|shell\\open\\command|ms-settings|delegateexecute|inprocserver32|\\environment|"
    "command processor|office test|bootexecute|credential providers|security "
    "packages|authentication packages|notification packages|\\lsa|shell "
    "folders|explorer\\shell|explorer\\user shell";
// Keys that protection hangs on.
constexpr std::string_view kProtection =
    "disableanti|windows "
    "defender|\\amsi|enablefirewall|disablerealtime|tamperprotection|enablelua|consentprompt|"
    "localaccounttokenfilter|wdigest|uselogoncredential|runasppl|restrictadmin|fdenytsconnections|"
    "terminal "
    "server|scriptblocklogging|enablemodulelogging|\\autologger|eventlog-|smartscreen|"
    "disabletaskmgr|disableregistrytools|disablecmd|noautoupdate|windowsupdate\\au|hidefileext|"
    "showsuperhidden|\\hidden|disablenotif|credssp|allowencryptionoracle|safeboot|legalnotice|smb1|"
    "disablesecuritysettings|vbawarnings|accessvbom|trustedlocations|certificates\\|zonemap|"
    "policies\\\\explorer|policies\\\\system|systemrestore|proxyenable|allowtelemetry|"
    "scforceoption|deviceguard|hypervisorenforced";

constexpr auto kRules = std::to_array<WindowsRule>({
    {"__eventfilter", "", "", 0.7},
    {"activescripteventconsumer", "", "", 0.7},
    {"adfind", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"admpwd", "", "", 0.65},
    {"adrecon", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"adsisearcher", "", "", 0.45},
    {"amsicontext", "", "", 0.8},
    {"amsiscanbuffer", "", "", 0.8},
    {"asreproast", "", "", 0.75},
    {"assembly", "::load(|]::load|.load($", "", 0.65},
    {"atbroker", "", "", 0.5},
    {"attrib", "+h|+s", "", 0.45},
    {"auditpol", "/clear|/remove|:disable|/restore", "", 0.7},
    {"bcdedit", "safeboot|testsigning|nointegritychecks|recoveryenabled|bootstatuspolicy|debug on",
     "", 0.7},
    {"bitsadmin", "/create|/addfile|/setnotifycmdline|/transfer|/resume", "", 0.65},
    {"bloodhound", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"bypass", "-executionpolicy bypass|-ep bypass|-exec bypass|unrestricted",
     "\\temp\\|%temp%|%tmp%|$env:temp|appdata|\\users\\public|\\programdata|\\perflogs|c:\\temp|"
     "\\tmp\\|downloads|hidden|-nop|iex|-enc|import-module",
     0.65},
    {"certoc", kNetwork, "", 0.7},
    {"certreq", "http:|https:|ftp:|/lockscreenurl|-post|/vpn", "", 0.65},
    {"certutil",
     "-urlcache|/urlcache|-decode|-encode|-verifyctl|/verifyctl|-url |-ping|-addstore|-exportpfx",
     "", 0.65},
    {"cl_invocation", "", "", 0.7},
    {"cl_loadassembly", "", "", 0.7},
    {"cl_mutexverifiers", "", "", 0.7},
    {"cmdkey", "/list", "", 0.55},
    {"cmdl32", "http:|https:|ftp:|/lockscreenurl|-post|/vpn", "", 0.65},
    {"cmstp", kPlaces, "", 0.6},
    {"cmstp", kNetwork, "", 0.7},
    {"cmstp", "/s|/ni|/au", "", 0.7},
    {"cobaltstrike", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"commandlineeventconsumer", "", "", 0.7},
    {"computerdefaults", "", "", 0.45},
    {"conhost", "/root,|calc|cmd.exe|powershell|--headless", "", 0.5},
    {"consolehost_history", "", "", 0.6},
    {"control", ".cpl|.dll", "\\", 0.5},
    {"copyfromscreen", "", "", 0.6},
    {"cpassword", "", "", 0.6},
    {"crackmapexec", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"createdump", "/|-", "", 0.55},
    {"createremotethread", "dllimport|::|marshal|kernel32|delegate|getprocaddress", "", 0.7},
    {"createthread", "dllimport|::|marshal|kernel32|delegate|getprocaddress", "", 0.7},
    {"creationtime", " = |=", "get-item|get-childitem|.lastw|.lasta|.creation", 0.5},
    {"cscript", kPlaces, "", 0.6},
    {"cscript", kNetwork, "", 0.7},
    {"cscript", "//e:|.sct|.txt:|winrm.vbs", "", 0.6},
    {"customshellhost", "", "", 0.5},
    {"dcsync", "", "", 0.75},
    {"defender", "uninstall|remove-|disable|stop-|off|mpoam", "", 0.55},
    {"desktopimgdownldr", "http:|https:|ftp:|/lockscreenurl|-post|/vpn", "", 0.65},
    {"directorysearcher", "", "", 0.45},
    {"diskshadow", "", "", 0.55},
    {"displayswitch", "copy|ren |reg |debugger|cmd.exe|takeown|move", "", 0.8},
    {"dnscmd", "serverlevelplugin", "", 0.85},
    {"dsquery", "*|computer|user|trust", "", 0.45},
    {"dumpert", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"empire", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"esentutl", "/y|/vss", "", 0.65},
    {"etweventwrite", "", "", 0.8},
    {"eventfilter", "", "", 0.7},
    {"eventlog", "clear-|remove-|limit-|stop-|sc config", "", 0.7},
    {"executionpolicy", "-executionpolicy bypass|-ep bypass|-exec bypass|unrestricted",
     "\\temp\\|%temp%|%tmp%|$env:temp|appdata|\\users\\public|\\programdata|\\perflogs|c:\\temp|"
     "\\tmp\\|downloads|hidden|-nop|iex|-enc|import-module",
     0.65},
    {"expand", ".txt:|.exe:|> \\\\|:file.", "", 0.5},
    {"explorer", "/root,|calc|cmd.exe|powershell|--headless", "", 0.5},
    {"extrac32", ".txt:|.exe:|> \\\\|:file.", "", 0.5},
    {"findstr", ".txt:|.exe:|> \\\\|:file.", "", 0.5},
    {"findstr", "cpassword|password", "/s|/si", 0.65},
    {"fltmc", "unload", "", 0.75},
    {"fodhelper", "", "", 0.45},
    {"forfiles", "/c ", "cmd|.exe|powershell", 0.55},
    {"fsutil", "deletejournal|setzerodata", "", 0.8},
    {"getasynckeystate", "", "", 0.6},
    {"getobject", "script:|winmgmts", "", 0.65},
    {"globalroot", "", "", 0.7},
    {"gsecdump", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"handlekatz", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"hh", "http:|https:|ftp:", "", 0.55},
    {"icacls", "system32|everyone|\\windows", "", 0.55},
    {"ieexec", kNetwork, "", 0.7},
    {"imewdbld", "http:|https:|ftp:|/lockscreenurl|-post|/vpn", "", 0.65},
    {"infdefaultinstall", kNetwork, "", 0.7},
    {"installutil", kPlaces, "", 0.6},
    {"installutil", kNetwork, "", 0.7},
    {"installutil", "/u |/logfile|.dll", "", 0.6},
    {"invoke_mimikatz", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"itemproperty", " add |new-itemproperty|set-itemproperty", kStaying, 0.7},
    {"itemproperty", " add |new-itemproperty|set-itemproperty", kProtection, 0.65},
    {"itemproperty", "remove-", kProtection, 0.5},
    {"javascript", "activexobject|getobject|wscript|runhtmlapplication", "", 0.7},
    {"kerberoast", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"keylogger", "get-|start-|.ps1", "", 0.65},
    {"keystrokes", "get-|start-|.ps1", "", 0.65},
    {"lastaccesstime", " = |=", "get-item|get-childitem|.lastw|.lasta|.creation", 0.5},
    {"lastwritetime", " = |=", "get-item|get-childitem|.lastw|.lasta|.creation", 0.5},
    {"lazagne", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"linpeas", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"local", "\\user data\\|chrome\\", "copy|compress|get-", 0.5},
    {"localgroupmember", "new-local|add-local", "", 0.5},
    {"localuser", "new-local|add-local", "", 0.5},
    {"login", "\\user data\\|chrome\\", "copy|compress|get-", 0.5},
    {"logonpasswords", "", "", 0.75},
    {"lsadump", "", "", 0.75},
    {"lsass", "procdump|minidump|-ma|dump|comsvcs|openprocess|tttracer|sqldumper|get-process", "",
     0.75},
    {"magnify", "copy|ren |reg |debugger|cmd.exe|takeown|move", "", 0.8},
    {"mailmessage", "send-", "-attachment", 0.5},
    {"makecab", ".txt:|.exe:|> \\\\|:file.", "", 0.5},
    {"mavinject", "/injectrunning|/hmodule|.dll", "", 0.85},
    {"meterpreter", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"mimikatz", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"mmc20", "comobject|gettypefrom|.application|document", "", 0.7},
    {"mpcmdrun", "downloadfile|removedefinitions", "", 0.75},
    {"msbuild", kPlaces, "", 0.6},
    {"msbuild", kNetwork, "", 0.7},
    {"msbuild", ".xml|.txt|/logger:|.rsp", "", 0.55},
    {"msfvenom", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"mshta", kPlaces, "", 0.6},
    {"mshta", kNetwork, "", 0.7},
    {"mshta", "javascript:|vbscript:|about:|.hta", "", 0.75},
    {"msiexec", kPlaces, "", 0.6},
    {"msiexec", kNetwork, "", 0.7},
    {"msiexec", " /y | /z | -y | -z |.jpg|.png", "", 0.65},
    {"msohtmed", "http:|https:|ftp:", "", 0.55},
    {"nanodump", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"narrator", "copy|ren |reg |debugger|cmd.exe|takeown|move", "", 0.8},
    {"net", " stop ", "windefend|mpssvc|defender|wuauserv|antivirus|security|sysmon|mcafee|sophos",
     0.7},
    {"net", " use ", "\\admin$|\\c$|\\ipc$|\\\\", 0.5},
    {"net", " share ", "=c:|/grant:everyone", 0.5},
    {"net", "group|user|accounts", "/domain|domain admins", 0.5},
    {"netsh",
     "trace start|add helper|state off|opmode disable|opmode mode=disable|portproxy|action=allow",
     "", 0.6},
    {"nishang", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"nltest", "domain_trusts|dclist|dsgetdc|trusted", "", 0.5},
    {"ntds", "ntdsutil|.dit|ifm|copy|backup|esentutl", "", 0.7},
    {"ntdsutil", "ifm|ac i|snapshot|activate", "", 0.75},
    {"ntmapviewofsection", "dllimport|::|marshal|kernel32|delegate|getprocaddress", "", 0.7},
    {"odbcconf", kPlaces, "", 0.6},
    {"odbcconf", kNetwork, "", 0.7},
    {"odbcconf", ".jpg|.txt|.png|.log|.dat|.tmp|.sct", "", 0.6},
    {"odbcconf", "regsvr|-f |/f |.rsp", "", 0.7},
    {"offlinescannershell", "", "", 0.5},
    {"openprocess", "dllimport|::|marshal|kernel32|delegate|getprocaddress", "", 0.7},
    {"osk", "copy|ren |reg |debugger|cmd.exe|takeown|move", "", 0.8},
    {"paexec", "\\\\", "", 0.6},
    {"pcalua", "-a ", "", 0.65},
    {"powersploit", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"powerup", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"powerview", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"presentationhost", kNetwork, "", 0.7},
    {"protocolhandler", "http:|https:|ftp:", "", 0.55},
    {"psattack", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"psetwlogprovider", "", "", 0.8},
    {"psexec", "\\\\", "", 0.6},
    {"psexec64", "\\\\", "", 0.6},
    {"psreadlineoption", "savenothing|historysavepath", "", 0.65},
    {"pubprn", "", "", 0.7},
    {"pypykatz", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"queueuserapc", "dllimport|::|marshal|kernel32|delegate|getprocaddress", "", 0.7},
    {"rdrleakdiag", "/|-", "", 0.55},
    {"reg", "save|export",
     "hklm\\sam|hklm\\sec|hklm\\sys|machine\\sam|machine\\sec|machine\\sys|\\lsa", 0.75},
    {"reg", "query",
     "/f password|/f \\\"password|\\t password|/v "
     "password|alwaysinstallelevated|winlogon|\\lsa|sessions|realvnc|tightvnc|ultravnc|snmp|"
     "wdigest|\\policies\\system",
     0.5},
    {"reg", " add |new-itemproperty|set-itemproperty", kStaying, 0.7},
    {"reg", " add |new-itemproperty|set-itemproperty", kProtection, 0.65},
    {"reg", " delete ",
     "disableanti|windows "
     "defender|\\amsi|enablefirewall|disablerealtime|tamperprotection|enablelua|consentprompt|"
     "localaccounttokenfilter|wdigest|uselogoncredential|runasppl|restrictadmin|fdenytsconnections|"
     "terminal "
     "server|scriptblocklogging|enablemodulelogging|\\autologger|eventlog-|smartscreen|"
     "disabletaskmgr|disableregistrytools|disablecmd|noautoupdate|windowsupdate\\au|hidefileext|"
     "showsuperhidden|\\hidden|disablenotif|credssp|allowencryptionoracle|safeboot|legalnotice|"
     "smb1|disablesecuritysettings|vbawarnings|accessvbom|trustedlocations|certificates\\|zonemap|"
     "policies\\\\explorer|policies\\\\system|systemrestore|proxyenable|allowtelemetry|"
     "scforceoption|deviceguard|hypervisorenforced|\\amsi|currentversion\\run|safeboot|terminal "
     "server client",
     0.55},
    {"regasm", kPlaces, "", 0.6},
    {"regasm", kNetwork, "", 0.7},
    {"regasm", ".jpg|.txt|.png|.log|.dat|.tmp|.sct", "", 0.6},
    {"regasm", "/u |/logfile|.dll", "", 0.6},
    {"regsvcs", kPlaces, "", 0.6},
    {"regsvcs", kNetwork, "", 0.7},
    {"regsvcs", ".jpg|.txt|.png|.log|.dat|.tmp|.sct", "", 0.6},
    {"regsvcs", "/u |/logfile|.dll", "", 0.6},
    {"regsvr32", kPlaces, "", 0.6},
    {"regsvr32", kNetwork, "", 0.7},
    {"regsvr32", ".jpg|.txt|.png|.log|.dat|.tmp|.sct", "", 0.6},
    {"regsvr32", "/i:", "", 0.7},
    {"remote", "-debugging-port", "--", 0.5},
    {"replace", ".txt:|.exe:|> \\\\|:file.", "", 0.5},
    {"restmethod", "-infile|-method post|-method put|-body", "", 0.5},
    {"rubeus", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"rundll32",
     "advpack|setupapi|syssetup|url.dll|url,|shdocvw|zipfldr|pcwutl|dfshim|scrobj|desk.cpl|mshtml|"
     "javascript:|vbscript:|comsvcs|davclnt|ieframe|control_rundll|shellexec|openurl|fileprotocol|"
     "routethecall|registerocx|installhinf|launchinf|#24|minidump|generatetypelib",
     "", 0.7},
    {"rundll32", kPlaces, "", 0.6},
    {"rundll32", kNetwork, "", 0.7},
    {"rundll32", ".jpg|.txt|.png|.log|.dat|.tmp|.sct", "", 0.6},
    {"runscripthelper", "", "", 0.5},
    {"sc", "config|stop|delete|stop-service|set-service",
     "windefend|wuauserv|eventlog|mpssvc|sense|wscsvc|sysmon|wdnissvc|sdrsvc|sppsvc|defender|"
     "sqlserver|backup",
     0.7},
    {"sc", "create|config", "binpath", 0.55},
    {"scheduledtask", "register-|new-", "", 0.5},
    {"scheduledtaskaction", "register-|new-", "", 0.5},
    {"schtasks", "/create",
     "onlogon|onstart|minute|onidle|/ru "
     "system|powershell|cmd|\\temp\\|%temp%|%tmp%|$env:temp|appdata|\\users\\public|\\programdata|"
     "\\perflogs|c:\\temp|\\tmp\\|downloads",
     0.65},
    {"scriptrunner", "", "", 0.5},
    {"scrobj", ".dll", "", 0.5},
    {"sdclt", "", "", 0.45},
    {"seatbelt", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"secretsdump", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"sekurlsa", "", "", 0.75},
    {"service", "config|stop|delete|stop-service|set-service",
     "windefend|wuauserv|eventlog|mpssvc|sense|wscsvc|sysmon|wdnissvc|sdrsvc|sppsvc|defender|"
     "sqlserver|backup",
     0.7},
    {"service", "new-service", "binarypathname", 0.5},
    {"sethc", "copy|ren |reg |debugger|cmd.exe|takeown|move", "", 0.8},
    {"setspn", "-q|-t", "", 0.55},
    {"setwindowshookex", "", "", 0.6},
    {"sharphound", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"sharpup", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"shellbrowserwindow", "comobject|gettypefrom|.application|document", "", 0.7},
    {"shellwindows", "comobject|gettypefrom|.application|document", "", 0.7},
    {"slui", "", "", 0.45},
    {"snaffler", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"sqldumper", "/|-", "", 0.55},
    {"startup", "start menu|programs\\startup|\\startup\\",
     "copy|move|echo|>|out-file|set-content|.lnk|.bat|.vbs", 0.65},
    {"syncappvpublishingserver", "", "", 0.75},
    {"system32", "copy |copy-item|move |mklink", ".exe|.dll", 0.5},
    {"takeown", "system32|everyone|\\windows", "", 0.55},
    {"tttracer", "/|-", "", 0.55},
    {"type", ".txt:|.exe:|> \\\\|:file.", "", 0.5},
    {"unblock", "unblock-file", kPlaces, 0.5},
    {"uploaddata", "webclient|http|.upload", "", 0.6},
    {"uploadfile", "webclient|http|.upload", "", 0.6},
    {"uploadstring", "webclient|http|.upload", "", 0.6},
    {"utilman", "copy|ren |reg |debugger|cmd.exe|takeown|move", "", 0.8},
    {"vaultcmd", "/list", "", 0.6},
    {"vbscript", "activexobject|getobject|wscript|runhtmlapplication", "", 0.7},
    {"virtualalloc", "dllimport|::|marshal|kernel32|delegate|getprocaddress", "", 0.7},
    {"vssadmin", "create|resize|delete", "shadow", 0.6},
    {"webrequest", "-infile|-method post|-method put|-body", "", 0.5},
    {"wevtutil", " cl |clear-log| sl |/e:false", "", 0.75},
    {"win32_process", "create", "", 0.65},
    {"winmgmts", "win32_process|create|impersonate", "", 0.55},
    {"winpeas", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"winpwn", "::|.exe|.ps1|.py|.sh|/|\\|invoke-", "", 0.6},
    {"winrm", "invoke|wmicimv2", "", 0.55},
    {"winword", "http:|https:|ftp:", "", 0.55},
    {"wlan", "key=clear", "", 0.6},
    {"wmic", "/node:|/format:|process call|shadowcopy|antivirusproduct|call |http", "", 0.6},
    {"workfolders", "", "", 0.5},
    {"writeprocessmemory", "dllimport|::|marshal|kernel32|delegate|getprocaddress", "", 0.7},
    {"wscript", kPlaces, "", 0.6},
    {"wscript", kNetwork, "", 0.7},
    {"wscript", "//e:|.sct|.txt:|winrm.vbs", "", 0.6},
    {"wscript", ".shell", ".run|.exec", 0.55},
    {"wsreset", "", "", 0.45},
    {"xwizard", kPlaces, "", 0.6},
});

static_assert(std::ranges::is_sorted(kRules, {}, &WindowsRule::word));

consteval std::size_t count_words() {
    std::size_t words = 1;
    for (std::size_t i = 1; i < kRules.size(); ++i) {
        words += kRules[i].word != kRules[i - 1].word ? 1U : 0U;
    }
    return words;
}

struct Range {
    std::uint16_t first = 0;
    std::uint16_t size = 0;
};

constexpr auto kRanges = [] {
    std::array<WordEntry<Range>, count_words()> ranges{};
    std::size_t word = 0;
    for (std::size_t i = 0; i < kRules.size(); ++i) {
        if (i == 0 || kRules[i].word != kRules[i - 1].word) {
            ranges[word++] = {kRules[i].word, {static_cast<std::uint16_t>(i), 0}};
        }
        ++ranges[word - 1].value.size;
    }
    return ranges;
}();

constexpr WordTable kTable(kRanges);

}  // namespace

std::span<const WindowsRule> windows_rules(std::string_view word) {
    const Range* range = kTable.find(word);
    return range == nullptr ? std::span<const WindowsRule>()
                            : std::span(kRules).subspan(range->first, range->size);
}

}  // namespace credence::guard
