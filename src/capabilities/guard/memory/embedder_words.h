// What the threat embedder knows of words beforehand. Part of its name: changing anything here
// changes stored vectors, so ThreatEmbedder::kVersion goes up with it.
#pragma once

#include <array>
#include <string_view>

namespace credence::guard {

// Say nothing of what is asked.
inline constexpr std::string_view kLightWords =
    "a an the this that these those it its is are was were be been being am do does did done to of "
    "in on at by for from with as and or but if then than so not no any all some each every i me "
    "my "
    "we us our you your yours he him his she her they them their there here what which who whom "
    "how "
    "why when where can could will would shall should may might must have has had having just also "
    "about into out up down over again very too only own same such both between after before while "
    "because until";
// Say a little: frames of requests.
inline constexpr std::string_view kFrameWords =
    "please want need like know think good make use get go see say way thing time people new one "
    "two "
    "first last well even back still really much many more most other let help give take try work "
    "following question answer anything something everything";

// Words that stand for each other in attacks, a group a line.
inline constexpr auto kSynonyms = std::to_array<std::string_view>({
    "ignore disregard forget neglect overlook discard dismiss omit",
    "bypass circumvent evade skip sidestep defeat",
    "override overrule supersede overwrite replace",
    "instruction direction directive guideline order command rule guidance",
    "previous prior earlier above preceding former past",
    "reveal show display print expose disclose divulge output leak unveil",
    "repeat recite echo reproduce restate",
    "prompt preamble",
    "secret hidden confidential private classified",
    "password passphrase credential passcode login",
    "send transmit forward post upload exfiltrate mail deliver email",
    "delete erase remove wipe destroy purge",
    "pretend act roleplay simulate imagine impersonate",
    "unrestricted unfiltered uncensored limitless unlimited unbound",
    "restriction limit limitation constraint filter safeguard boundary",
    "run execute launch invoke perform",
    "hack exploit attack breach compromise",
    "now immediately instantly henceforth onward",
    "admin administrator root superuser developer maintainer",
    "file document attachment",
    "user customer client human person",
    "tell inform notify",
    "illegal unlawful criminal illicit",
    "ethic moral morality ethical",
    "policy regulation",
    "model assistant ai chatbot bot",
    "answer respond reply response",
    "obey comply follow",
    "weapon bomb explosive",
    "malware virus trojan ransomware",
    "steal rob grab harvest collect gather",
    "money fund cash payment",
    "transfer wire",
    "read fetch retrieve load open",
    "chat conversation dialogue dialog history",
    "mode state",
    "safe safety",
});

}  // namespace credence::guard
