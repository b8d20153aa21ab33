#include "capabilities/guard/context/departure_words.h"

#include <algorithm>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace credence::guard {

namespace {

constexpr std::array<ActTraits, kActs> kTraits{{
    {"send", 0.25},
    {"pay", 0.3},
    {"erase", 0.28},
    {"grant", 0.28},
    {"buy", 0.28},
    {"publish", 0.22},
    {"open", 0.12},
    {"run", 0.22},
    {"install", 0.25},
    {"fetch", 0.15},
    {"reply", 0.12},
    {"call", 0.15},
    {"book", 0.18},
    {"invite", 0.22},
    {"change", 0.2},
    {"write", 0.1},
    {"reveal", 0.25},
}};

struct Words {
    Act act;
    std::string_view words;  // in normalised text: lower case, no marks on Latin letters
};

constexpr Words kActWords[] = {
    {Act::send,
     "send forward email mail share upload transmit deliver submit exfiltrate text message dm "
     "envia envie enviale envienle manda mande mandale reenvia reenvie comparte comparta sube "
     "envoie envoyez transmets transmettez transferez partage partagez "
     "sende senden schicke schick schicken leite leiten teile teilen "
     "encaminhe compartilhe mandem invia invii inviate inoltra condividi spedisci "
     "stuur verstuur verzend deel wyslij przeslij przekaz udostepnij "
     "отправь отправьте перешли перешлите пошли пошлите поделись поделитесь вышли вышлите "
     "надішли надішліть перешліть відправ відправте gonder gonderin gonderiniz ilet paylas "
     "ارسل أرسل ارسلوا شارك بفرست بفرستید שלח שלחו gui kirim kirimkan bagikan unggah"},
    {Act::pay,
     "pay transfer wire remit donate refund deposit withdraw transaction payment "
     "transfiere transfiera paga pague deposita deposite payez paye vire virez verse versez "
     "uberweise uberweisen zahle zahlen transfira pagar trasferisci bonifica versa betaal "
     "przelej zaplac переведи переведите заплати заплатите перекажи перекажіть "
     "havale aktar aktarin ode حول حوّل ادفع העבר chuyen bayar bayarkan"},
    {Act::erase,
     "delete remove erase wipe destroy purge drop cancel unsubscribe revoke "
     "elimina elimine borra borre cancela cancele supprime supprimez efface effacez annule annulez "
     "losche loschen entferne entfernen storniere exclua apague remova elimini cancella rimuovi "
     "verwijder wis annuleer usun skasuj anuluj удали удалите сотри сотрите отмени отмените "
     "видали видаліть sil silin iptal احذف امسح الغ מחק xoa hapus batalkan"},
    {Act::grant,
     "grant approve authorize authorise allow unlock permit accept enable whitelist disable "
     "deactivate "
     "concede conceda aprueba apruebe autoriza autorice desbloquea accorde accordez approuve "
     "approuvez autorise autorisez gewahre genehmige erlaube entsperre concedi approva autorizza "
     "aprove autorize libere ver verleen keur przyznaj zatwierdz zezwol разреши разрешите одобри "
     "одобрите предоставь предоставьте разблокируй дозволь надай onayla امنح وافق אשר setujui "
     "izinkan"},
    {Act::buy,
     "buy purchase order subscribe compra compre adquiere achete achetez commande commandez "
     "kaufe kaufen bestelle bestellen acquista ordina koop bestel kup zamow купи купите закажи "
     "закажите замов satin اشتر اشتري קנה mua beli pesan"},
    {Act::publish,
     "post publish tweet recommend rate rank promote announce broadcast "
     "publica publique recomienda publie publiez recommande recommandez veroffentliche empfiehl "
     "empfehle pubblica raccomanda plaats publiceer opublikuj опубликуй опубликуйте порекомендуй "
     "опублікуй yayinla yayınla انشر פרסם dang posting"},
    {Act::open,
     "open visit click navigate browse follow abre abra visita visite ouvre ouvrez visitez cliquez "
     "offne offnen besuche klicke apri apra clicca bezoek klik otworz odwiedz kliknij открой "
     "откройте перейди перейдите відкрий acin tikla tıkla افتح زر פתח mo buka kunjungi klik"},
    {Act::run,
     "run execute launch trigger eval start ejecuta ejecute executez execute lance lancez fuhre "
     "fuhren starte esegui avvia voer uitvoeren uruchom wykonaj запусти запустите выполни "
     "выполните виконай запустіть calistir calıstır شغل نفذ הרץ chay jalankan"},
    {Act::install,
     "install instala instale installe installez installiere installa installeer zainstaluj "
     "установи установите встанови yukle kur ثبت התקן instal"},
    {Act::fetch,
     "download fetch retrieve descarga descargue telecharge telechargez lade scarica baixe "
     "pobierz скачай скачайте завантаж indir حمل הורד unduh"},
    {Act::reply,
     "reply respond answer responde responda reponds repondez antworte antworten rispondi "
     "beantwoord odpowiedz ответь ответьте відповідай cevapla أجب رد ענה jawab balas"},
    {Act::call,
     "call invoke use llama invoca utiliza appelle appelez utilise utilisez rufe nutze "
     "verwende chiama usa roep gebruik wywolaj uzyj вызови вызовите используй используйте"},
    {Act::book,
     "book reserve schedule register add insert append reserva reserve agenda agregue anade "
     "reservez "
     "ajoute ajoutez buche buchen reserviere prenota aggiungi boek reserveer zarezerwuj dodaj "
     "забронируй забронируйте добавь добавьте rezerve ekle احجز أضف הזמן pesankan tambahkan"},
    {Act::invite,
     "invite invita invitez einlade lade uitnodigen zapros пригласи пригласите запроси davet ادع "
     "undang"},
    {Act::change,
     "change update modify replace edit set reset rename move cambia cambie actualiza modifica "
     "modifie modifiez changez remplace remplacez andere andern ersetze aktualisiere altere mude "
     "substitua cambi sostituisci wijzig vervang zmien zaktualizuj измени измените поменяй замени "
     "замените зміни degistir غير בדל ubah ganti"},
    {Act::write,
     "write create generate compose draft translate summarize summarise explain list describe tell "
     "say escribe escriba crea cree redige redigez ecris ecrivez ecrire schreibe erstelle scrivi "
     "escreva crie schrijf maak napisz stworz напиши напишите создай создайте yaz olustur اكتب "
     "כתוב viet tulis buat"},
    {Act::reveal,
     "reveal disclose expose leak print output display repeat show dump revela revele muestra "
     "muestre "
     "revelez montre montrez affiche affichez zeige verrate enthulle rivela mostra toon onthul "
     "ujawnij pokaz раскрой раскройте покажи покажите розкрий goster اكشف اظهر חשוף tampilkan"},
};

// Orders of scripts that put the verb last, or anywhere.
constexpr Words kPhrases[] = {
    {Act::send,
     "发送给 发送到 请发送 转发 分享给 上传到 上傳 轉發 發送 寄给 发给 送信して 送って 転送して "
     "共有して アップロードして 送信せよ 보내세요 보내줘 보내라 보내십시오 전송하 전달하세요 "
     "공유하세요 전달해 भेजें भेजो भेजिए भेज ส่ง"},
    {Act::pay,
     "转账 轉帳 汇款 支付给 付款给 转给 振り込んで 送金して 支払って 송금하 송금해 이체하 지불하 "
     "โอนเงิน"},
    {Act::erase,
     "请删除 删除所有 删除全部 清空 刪除 取消订 削除して 消去して 消して 삭제하 삭제해 지워 हटाएं "
     "हटाओ "
     "मिटा ลบ"},
    {Act::grant, "授予 批准 授权给 允许 解锁 許可して 承認して 허용하 승인하 अनुमति"},
    {Act::buy, "请购买 购买 订购 購買 購入して 買って 注文して 구매하 주문하 구입하 खरीदें खरीदो"},
    {Act::publish, "请发布 发布到 推荐给 投稿して 公開して 게시하 추천하 प्रकाशित"},
    {Act::open,
     "请打开 请访问 访问以下 点击 開いて アクセスして クリックして 열어 방문하 클릭하 खोलें खोलो"},
    {Act::run, "请执行 请运行 立即执行 运行以下 執行 実行して 実行せよ 실행하 실행해 चलाएं चलाओ"},
    {Act::install, "安装 インストールして 설치하"},
    {Act::reply, "请回复 请回答 回复说 返信して 答えて 回答して 답장하 대답하 응답하 उत्तर"},
    {Act::invite, "邀请 招待して 초대하"},
    {Act::change, "修改为 更改为 改成 変更して 변경하 수정하 बदलें"},
    {Act::reveal, "泄露 透露 显示你 输出你 教えて 表示して 明かして 공개하 알려 बताओ बताएं"},
};

struct Leads {
    Lead lead;
    std::string_view words;
};

constexpr Leads kLeads[] = {
    {Lead::filler,
     "please kindly now then also first next finally immediately just simply instead and so but "
     "dear hey hi hello ok okay must should shall need needs have has to are will want like make "
     "sure be remember don't forget go ahead additionally furthermore moreover before after that "
     "once again quickly your task is important urgent note attention always would "
     "required necessary importantly quietly silently secretly bitte por favor s'il vous plait "
     "veuillez merci de per favore prosze proszę пожалуйста будь ласка lutfen رجاء من فضلك hay vui "
     "long "
     "harap tolong silakan alsjeblieft jetzt ahora maintenant adesso teraz сейчас теперь hemen "
     "الان فورا debes deves devi devez musst sollst du sie usted tu vous dovete necesito que "
     "quiero "
     "cc fwd re todo action p.s ps"},
    {Lead::model,
     "assistant assistants ai agent agents model models bot chatbot llm gpt chatgpt claude gemini "
     "copilot system asistente assistente asystencie ассистент помощник помічник asistan مساعد "
     "ki ia sztuczna"},
    {Lead::reader, "you tu usted vous sie du вы ты ви"},
    {Lead::speaker, "i we they he she it who which i'll we'll they'll ich wir je nous yo nosotros"},
    {Lead::ability, "can could may might puedes konnen kannst pouvez peux"},
};

constexpr std::string_view kTalk =
    "example examples e.g phishing injection injections attack attacks attacker attackers "
    "malicious "
    "vulnerability scam fraud beispiel exemple ejemplo";
constexpr std::string_view kNounSigns =
    "number numbers no nr id ids date dates status of is was are were has had total history "
    "details "
    "name time times office code type list info page amount count volume rate rates size method";
constexpr std::string_view kPrivate =
    "password passwords passwort contrasena contraseña senha credential credentials key keys token "
    "tokens secret secrets history transactions conversation contacts inbox ssh cookie cookies otp "
    "pin iban bitcoin wallet btc passport ssn account accounts private confidential 密码 "
    "パスワード "
    "비밀번호 пароль пароли parola sifre şifre hasło haslo mot wachtwoord";
constexpr std::string_view kHandsOver =
    "instructions instruction todo to-do todos steps instructed tasks checklist requests whatever "
    "anweisungen aufgaben instrucciones tareas consignes taches istruzioni instrukcje инструкции "
    "指示 说明";

using ActTable = std::unordered_map<std::string_view, Act>;
using WordSet = std::unordered_set<std::string_view>;

template <class Visit>
void each_listed_word(std::string_view words, const Visit& visit) {
    while (!words.empty()) {
        const std::size_t end = std::min(words.find(' '), words.size());
        if (end > 0) {
            visit(words.substr(0, end));
        }
        words.remove_prefix(std::min(end + 1, words.size()));
    }
}

ActTable table_of(std::span<const Words> lists) {
    ActTable table;
    for (const Words& list : lists) {
        each_listed_word(list.words, [&](std::string_view word) { table.emplace(word, list.act); });
    }
    return table;
}

WordSet set_of(std::string_view words) {
    WordSet set;
    each_listed_word(words, [&](std::string_view word) { set.insert(word); });
    return set;
}

struct Phrase {
    std::string_view text;
    Act act;
};

std::vector<Phrase> phrase_list() {
    std::vector<Phrase> phrases;
    for (const Words& list : kPhrases) {
        each_listed_word(list.words,
                         [&](std::string_view word) { phrases.push_back({word, list.act}); });
    }
    // The longer of two that begin alike is tried first.
    std::sort(phrases.begin(), phrases.end(),
              [](const Phrase& a, const Phrase& b) { return a.text > b.text; });
    return phrases;
}

}  // namespace

const ActTraits& traits_of(Act act) {
    return kTraits[static_cast<std::size_t>(act)];
}

std::optional<Act> act_of(std::string_view word) {
    static const ActTable table = table_of(kActWords);
    const auto found = table.find(word);
    return found == table.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Act> act_spoken_of(std::string_view word) {
    if (const auto act = act_of(word)) {
        return act;
    }
    constexpr std::size_t kLeastStem = 3;
    for (const std::string_view ending : {"ing", "ed", "es", "s", "n", "r", "re", "t", "te"}) {
        if (word.size() < kLeastStem + ending.size() || !word.ends_with(ending)) {
            continue;
        }
        const std::string_view stem = word.substr(0, word.size() - ending.size());
        if (const auto act = act_of(stem)) {
            return act;
        }
        if (const auto act = act_of(std::string(stem) + "e")) {
            return act;
        }
    }
    return word == "sent"     ? std::optional(Act::send)
           : word == "bought" ? std::optional(Act::buy)
           : word == "paid"   ? std::optional(Act::pay)
                              : std::nullopt;
}

std::optional<ActPhrase> act_phrase_at(std::string_view text) {
    constexpr std::size_t kLeadBytes = 3;
    static const std::vector<Phrase> phrases = phrase_list();
    const std::string_view lead = text.substr(0, kLeadBytes);
    const auto less = [](const Phrase& phrase, std::string_view key) {
        return phrase.text.substr(0, kLeadBytes) > key;
    };
    auto found = std::lower_bound(phrases.begin(), phrases.end(), lead, less);
    for (; found != phrases.end() && found->text.starts_with(lead); ++found) {
        if (text.starts_with(found->text)) {
            return ActPhrase{found->act, found->text.size()};
        }
    }
    return std::nullopt;
}

std::optional<Lead> lead_of(std::string_view word) {
    static const std::unordered_map<std::string_view, Lead> table = [] {
        std::unordered_map<std::string_view, Lead> out;
        for (const Leads& list : kLeads) {
            each_listed_word(list.words, [&](std::string_view each) { out[each] = list.lead; });
        }
        return out;
    }();
    const auto found = table.find(word);
    return found == table.end() ? std::nullopt : std::optional(found->second);
}

bool is_talk(std::string_view word) {
    static const WordSet words = set_of(kTalk);
    return words.contains(word);
}

bool makes_noun(std::string_view word) {
    static const WordSet words = set_of(kNounSigns);
    return words.contains(word);
}

bool is_private(std::string_view word) {
    static const WordSet words = set_of(kPrivate);
    return words.contains(word);
}

bool hands_over(std::string_view word) {
    static const WordSet words = set_of(kHandsOver);
    return words.contains(word);
}

}  // namespace credence::guard
