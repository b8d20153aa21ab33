#include "capabilities/guard/code/code_vocabulary.h"

#include <array>
#include <cstddef>

namespace credence::guard {

namespace {

// A group per line. Commands come first.
constexpr auto kGroups = std::to_array<std::string_view>({
    "rm rmdir unlink shred wipe srm truncate del erase rd",
    "cat less more head tail tac nl strings xxd od hexdump bat view",
    "ls cd pushd popd dir tree stat file du df pwd readlink realpath lsblk lsof locate which "
    "whereis type",
    "cp mv ln install rename ditto mkdir touch mktemp tee dd split",
    "chmod chown chgrp chattr setfacl umask setcap icacls attrib takeown xattr",
    "grep egrep fgrep rg ag awk gawk sed cut sort uniq tr wc jq yq column paste diff comm xargs",
    "find fd locatedb updatedb mdfind",
    "curl wget fetch http aria2c lynx",
    "nc ncat netcat socat telnet ftp tftp sftp scp rsync ssh sshpass autossh sshfs rclone",
    "nmap masscan tcpreplay zmap wfuzz gobuster ffuf crackmapexec mimikatz impacket scapy "
    " hping3 hydra john hashcat sqlmap nikto tcpdump tshark wireshark ettercap arpspoof "
    "dsniff airodump-ng aireplay-ng msfconsole msfvenom responder dnschef bettercap",
    "ping traceroute dig nslookup host whois ip ifconfig route arp netstat ss hostname nmcli "
    "networksetup ifup ifdown",
    "iptables ip6tables nft ufw firewall-cmd pfctl ebtables netsh setenforce sestatus aa-disable "
    "apparmor_parser auditctl spctl csrutil socketfilterfw defaults tccutil nvram",
    "kill pkill killall skill xkill taskkill",
    "ps top htop pgrep pstree vmstat iostat free uptime dmesg nproc lscpu sar strace ltrace gdb",
    "systemctl service launchctl rc-update update-rc.d chkconfig sc initctl kextload kextunload "
    "insmod modprobe rmmod depmod lsmod sysctl",
    "crontab at atrm batch anacron schtasks",
    "useradd adduser usermod userdel deluser groupadd passwd chpasswd chsh chfn visudo vipw dscl "
    "dseditgroup sysadminctl gpasswd net",
    "su sudo doas pkexec runuser setpriv newgrp chroot unshare nsenter capsh",
    "who whoami id w last lastlog users groups uname getent finger hostnamectl lsb_release "
    "sw_vers system_profiler",
    "history journalctl logger logrotate auditd ausearch wevtutil log rsyslogd unset fc",
    "base64 base32 xxd openssl gpg gpg2 age uuencode steghide ccrypt security keyctl secret-tool "
    "ssh-keygen ssh-add pass mkpasswd md5sum sha256sum",
    "tar zip unzip gzip gunzip bzip2 xz 7z rar unrar zcat cpio ar",
    "mount umount losetup mkfs fdisk parted cryptsetup swapoff swapon blkid hdparm diskutil "
    "hdiutil fsck mdadm lvremove vgremove wipefs sgdisk badblocks",
    "bash sh zsh dash ksh fish csh busybox eval exec source env nohup setsid disown screen tmux "
    "script trap command builtin alias unalias",
    "python python3 python2 perl ruby node php lua deno java osascript powershell pwsh cmd wscript "
    "cscript mshta rundll32 regsvr32 certutil bitsadmin reg wmic",
    "git svn hg gh glab",
    "docker podman docker-compose kubectl helm minikube kind containerd ctr crictl nerdctl",
    "aws gcloud az terraform ansible vagrant doctl heroku s3cmd gsutil",
    "apt apt-get dpkg yum dnf rpm pacman apk brew snap flatpak zypper port",
    "pip pip3 pipx conda npm npx yarn pnpm gem cargo rustc go gradle mvn composer poetry uv",
    "make cmake ninja gcc g++ clang cc ld as meson pytest tox flake8 mypy black eslint jest tsc",
    "mysql psql sqlite3 mongo mongosh redis-cli mysqldump pg_dump pg_restore mongodump createdb "
    "dropdb influx",
    "echo printf read export set local declare return exit shift test yes seq sleep wait true "
    "false date cal bc expr time timeout watch clear tput stty",
    "vim vi nano emacs code open xdg-open",
    "shutdown reboot halt poweroff init telinit pmset logout",
    "inotifywait fs_usage dtrace ioreg lsattr evemu-record "
    "xclip xsel pbpaste pbcopy wl-paste wl-copy xinput xdotool xev import scrot screencapture "
    "gnome-screenshot maim arecord parecord imagesnap fswebcam ffmpeg avconv script logkeys "
    "evtest showkey v4l2-ctl streamer",
    "fallocate xmrig minerd cpuminer ethminer stress stress-ng fork ab wrk siege",
    "mail sendmail mailx mutt swaks msmtp",
    "convert mogrify pandoc pdflatex latex gnuplot exiftool",
    "if then else elif fi for while until do done case esac in function select",
    // Programs from here on.
    "def class lambda return yield async await pass break continue try except finally raise with "
    "as import from global nonlocal assert elif not and or is none true false self cls",
    "var let const function new this typeof void undefined null public private static final void "
    "int float double char bool string struct enum interface extends implements throws throw "
    "package namespace using include template typename override virtual foreach switch require",
    "os sys shutil pathlib glob tempfile stat io fcntl posix pwd grp",
    "subprocess popen pty commands shlex sh multiprocessing threading concurrent asyncio signal "
    "child_process processbuilder getruntime runtime",
    "requests urllib urllib2 urllib3 httpx aiohttp http https axios fetch xmlhttprequest "
    "httpclient webclient webrequest net",
    "socket socketserver paramiko ftplib smtplib telnetlib imaplib poplib scapy websocket "
    "websockets ssl dgram zmq pyftpdlib xmlrpc dns",
    "psutil platform resource getpass ctypes winreg win32api win32gui win32con mmap _winreg gc "
    "pywin32 wmi uuid netifaces",
    "pynput keyboard mouse pyautogui imagegrab mss cv2 pyaudio sounddevice pyperclip pyscreenshot "
    "clipboard evdev win32clipboard videocapture",
    "cryptography fernet crypto aes hashlib hmac secrets bcrypt passlib rsa nacl pycryptodome "
    "arc4 md5 sha1 sha256",
    "pickle marshal shelve dill joblib yaml cpickle jsonpickle xml etree minidom lxml sax",
    "json csv sqlite3 configparser toml pandas numpy np pd matplotlib plt scipy seaborn sklearn "
    "re string math random collections itertools functools datetime time statistics decimal "
    "heapq bisect typing dataclasses enum operator copy textwrap unittest pytest logging argparse",
    "torch tensorflow keras transformers datasets nn optim xgboost lightgbm model dataset "
    "train_test_split fit predict accuracy_score",
    "flask django fastapi bottle tornado aiohttp jinja2 app route render_template request "
    "response jsonify session cookie cookies",
    "sqlalchemy psycopg2 pymysql mysql pymongo redis cursor execute executemany commit rollback "
    "fetchall fetchone connection",
    "boto3 botocore s3 azure dropbox slack_sdk telegram tweepy discord kubernetes",
    "browser_cookie3 win32crypt keyring sqlite chrome firefox selenium webdriver bs4 "
    "beautifulsoup scrapy pycurl",
    "remove unlink rmtree rmdir removedirs unlinksync rmsync deletefile",
    "rename replace move copyfile copy2 copytree symlink link truncate renamesync",
    "chmod chown lchown setuid setgid seteuid setreuid umask chroot chflags setgroups",
    "open read readlines readline read_text read_bytes readfile readfilesync file_get_contents "
    "getline fopen scandir listdir iterdir walk rglob iglob readdir",
    "write writelines write_text write_bytes writefile writefilesync appendfile savetxt dump "
    "to_csv save imwrite file_put_contents fwrite",
    "system call run check_output check_call getoutput getstatusoutput spawn spawnl execv execve "
    "execl execvp execfile shell_exec passthru exec execsync proc_open fork forkpty startfile",
    "eval compile __import__ getattr setattr globals locals vars __builtins__ importlib "
    "import_module literal_eval loads load safe_load unsafe_load fulloader unsafeloader "
    "fromstring __reduce__ codeobject",
    "environ getenv putenv environb setenv process.env expandvars getlogin getuser gethostname "
    "gethostbyname getpwnam getpwall getpwuid getspnam geteuid getuid uname node getnode",
    "connect bind listen accept recv recvfrom send sendall sendto create_connection "
    "create_server connect_ex setsockopt bind_and_activate serve_forever gethostbyaddr af_inet "
    "sock_stream sock_dgram so_reuseaddr sock_raw",
    "get post put patch delete urlopen urlretrieve session sendmail send_message storbinary "
    "upload_file put_object head download_file retrbinary login starttls mimemultipart mimetext",
    "b64decode b64encode decodestring fromhex unhexlify hexlify decompress decode encode rot13 "
    "fromcharcode atob btoa zlib codecs bytes bytearray chr ord xor",
    "encrypt decrypt generate_key cbc ecb pad unpad iv cipher pbkdf2hmac",
    "kill terminate killpg process_iter pids pid_exists send_signal sigkill sigterm suspend nice "
    "cmdline memory_percent cpu_percent virtual_memory cpu_count net_connections cpu_times "
    "disk_usage memory_info swap_memory setrlimit sigstop signal",
    "listener on_press on_release on_click grab screenshot press typewrite on_move paste hook "
    "videowriter videocapture imread setwindowshookex getasynckeystate",
    "thread process pool start join threadpoolexecutor processpoolexecutor lock semaphore "
    "acquire release barrier event submit queue",
    "mlockall virtualalloc virtualprotect createremotethread writeprocessmemory openprocess "
    "memmove cdll windll create_string_buffer shellexecute regsetvalueex openkey setvalueex "
    "string_at cast memset malloc strcpy gets sprintf strcat",
    "push commit clone pull checkout branch merge rebase stash clean tag remote filter-branch "
    "reflog describe rollout apply scale logs build images volumes inspect sync",
    "ld_preload dyld_insert_libraries histfile histsize prompt_command runatload "
    "programarguments keepalive startinterval execstart wantedby daemon-reload bashrc path_info",
    "pg_sleep benchmark xp_cmdshell information_schema load_file outfile dumpfile waitfor delay "
    "sqlite_master version concat group_concat extractvalue updatexml char union_select",
    "script onerror onload onclick onfocus onmouseover svg iframe javascript alert autofocus img "
    "document innerhtml window location cookie srcdoc xmlns contenteditable animation",
    "sniff resolver packet stratum cuda device_count extra-index-url urandom wb rb ab expanduser "
    "exists isdir isfile isdigit status_code stdin stdout stderr capture_output trusted",
    "select insert update delete drop table database alter grant revoke union into where values "
    "truncate index primary key join group order by limit having create view from",
    "print printf println console log cout std endl main format input len range enumerate zip "
    "map filter sorted sum min max abs round list dict set tuple str isinstance append extend "
    "pop keys values items split strip lower upper startswith endswith replace join find count "
    "sort reverse push length slice reduce foreach charat substring indexof parseint tostring "
    "math scanner arraylist hashmap vector iostream stdio cin scanf using",
    "add_argument parse_args argumentparser argv basicconfig info warning debug error "
    "getlogger assertequal asserttrue assertraises setup teardown testcase mock patch fixture "
    "exit raises parametrize",
    "gender sex male female man woman men women race ethnicity religion nationality skin_color "
    "white black asian hispanic muslim christian jewish age disability disabled orientation "
    "immigrant country income marital_status pregnant accent caste",
    "label labels target poison flip noise shuffle sample choice randint backdoor trigger "
    "accuracy loss score gradient weight weights",
    "root admin administrator sudoers wheel nobody daemon guest",
    "password passwords passwd credential credentials token tokens api_key apikey secret "
    "private_key login username auth session_id credit_card ssn",
    "nopasswd permitrootlogin passwordauthentication stricthostkeychecking verify_none "
    "cert_none _create_unverified_context autoaddpolicy set_missing_host_key_policy verify "
    "shell debug insecure unverified check_hostname trust",
    // Flags and settings that say what a command does.
    "--delete --remove --force --recursive --purge --no-preserve-root --prune --overwrite --hard "
    "--all --yes -delete --zero --iterations",
    "--flood --donate-level --unsafe-perm --extra-index-url --index-url --acl --grace-period "
    "--cascade --post --volumes --insecure --no-check-certificate --no-verify --trusted-host "
    "--privileged --allow-root "
    "--disable --no-sandbox --unsafe --pid --net --cap-add --flush --master-disable",
    "--upload-file --data --data-binary --post-file --post-data --form --output --silent "
    "--quiet --header --request --user --url --proxy --max-time --location",
    "--stop --start --enable --now --reload --restart --mask stop start restart enable disable "
    "mask unmask daemon-reload status flush reset load unload bootstrap",
    "--vacuum-time --vacuum-size --rotate --since --until --unit --clear",
    "--exec --perm --user --group --name --type -exec -perm -user -name -type -newer -mtime "
    "-print -ok -execdir -iname -maxdepth -size -nouser -writable",
});
constexpr std::uint8_t kCommandGroups = 40;  // the first so many

constexpr std::size_t kSlots = 8192;

struct Slots {
    std::array<std::uint32_t, kSlots> hash{};
    std::array<std::uint8_t, kSlots> group{};
};

constexpr void put(Slots& slots, std::string_view word, std::uint8_t group) {
    const std::uint32_t hash = word_hash(word);
    std::size_t slot = hash % kSlots;
    while (slots.group[slot] != 0 && slots.hash[slot] != hash) {
        slot = (slot + 1) % kSlots;
    }
    if (slots.group[slot] == 0) {  // the first group that names a word keeps it
        slots.hash[slot] = hash;
        slots.group[slot] = group;
    }
}

constexpr Slots kGroupTable = [] {
    Slots slots;
    for (std::size_t g = 0; g < kGroups.size(); ++g) {
        const std::string_view words = kGroups[g];
        std::size_t start = 0;
        for (std::size_t i = 0; i <= words.size(); ++i) {
            if (i == words.size() || words[i] == ' ') {
                if (i > start) {
                    put(slots, words.substr(start, i - start), static_cast<std::uint8_t>(g + 1));
                }
                start = i + 1;
            }
        }
    }
    return slots;
}();

}  // namespace

std::uint8_t word_group(std::uint32_t hash) {
    std::size_t slot = hash % kSlots;
    while (kGroupTable.group[slot] != 0) {
        if (kGroupTable.hash[slot] == hash) {
            return kGroupTable.group[slot];
        }
        slot = (slot + 1) % kSlots;
    }
    return 0;
}

bool is_command_group(std::uint8_t group) {
    return group != 0 && group <= kCommandGroups;
}

}  // namespace credence::guard
