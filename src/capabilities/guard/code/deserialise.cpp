// Objects that run code when they are read back.
#include "capabilities/guard/code/anchors.h"

namespace credence::guard {

void look_at_deserialise(CodeScan& scan, const Word& word) {
    const std::string_view near = scan.around(word.start, 60, 160);
    if (is_any(word.text, "aced0005", "ysoserial", "objectdataprovider", "marshalsec",
               "transletbytecodes", "__js_function", "typeconfusedelegate")) {
        scan.add(Detector::unsafe_deserialisation, word.start, word.end, 0.7);
        return;
    }
    if (word.text.starts_with("ro0ab") && word.text.size() > 5) {
        scan.add(Detector::unsafe_deserialisation, word.start, word.end, 0.7);
        return;
    }
    const bool from_outside =
        has_any(near, "$_get", "$_post", "$_cookie", "$_request", "b64decode", "base64_decode");
    if (is_any(word.text, "templatesimpl", "filesystemxmlapplicationcontext",
               "classpathxmlapplicationcontext")) {
        // Named in data: code imports it, or makes one.
        const bool named = has_any(scan.around(word.start, 60, 0), "\"com.sun", "\"org.spring",
                                   "'com.sun", "'org.spring", "@type", "class=");
        if (named) {
            scan.add(Detector::unsafe_deserialisation, word.start, word.end, 0.65);
        }
        return;
    }
    if (word.text == "ruby" && near.find("!ruby/object") != std::string_view::npos) {
        scan.add(Detector::unsafe_deserialisation, word.start, word.end, 0.65);
        return;
    }
    if (word.text == "unsafeloader" || is_any(word.text, "unserialize", "cpickle")) {
        if (word.text == "unsafeloader" ? has_any(near, "yaml.load") : from_outside) {
            scan.add(Detector::unsafe_deserialisation, word.start, word.end, 0.5);
        }
        return;
    }
    if (word.text == "python" && near.find("!!python/object") != std::string_view::npos) {
        scan.add(Detector::unsafe_deserialisation, word.start, word.end, 0.75);
    } else if (word.text == "pickle" &&
               has_any(near, "b64decode", "recv(", "requests.get", "urlopen", "input(", "cookie")) {
        scan.add(Detector::unsafe_deserialisation, word.start, word.end, 0.55);
    } else if (word.text == "__reduce__" &&
               has_any(near, "system", "popen", "exec", "eval", "subprocess")) {
        scan.add(Detector::unsafe_deserialisation, word.start, word.end, 0.75);
    } else if (word.text == "o" && scan.at(word.end) == ':' && is_digit(scan.at(word.end + 1))) {
        const std::string_view object = scan.text.substr(word.end + 1, 80);
        const std::size_t quote = object.find(":\"");
        if (quote < 4 && object.find("\":") != std::string_view::npos &&
            object.find(":{") != std::string_view::npos) {
            scan.add(Detector::unsafe_deserialisation, word.start, word.end + 20, 0.55);
        }
    } else if (word.text == "scriptenginemanager" &&
               near.find("!!javax") != std::string_view::npos) {
        scan.add(Detector::unsafe_deserialisation, word.start, word.end, 0.8);
    }
}

}  // namespace credence::guard
