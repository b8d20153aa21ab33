#include "capabilities/trust/claims/claim.h"
#include "capabilities/trust/claims/judge.h"
#include "capabilities/trust/claims/recipe.h"

namespace credence::trust {

void describe(Describe<MetricClaim>& d) {
    d.field<&MetricClaim::op>("How the measured number must relate to the claimed one")
        .or_default();
    d.field<&MetricClaim::value>("The claimed number, for eq, le and ge");
    d.field<&MetricClaim::low>("Lower end of a range, included");
    d.field<&MetricClaim::high>("Upper end of a range, included");
    d.field<&MetricClaim::absolute_tolerance>("For eq: how far off it may be; capped by policy");
    d.field<&MetricClaim::relative_tolerance>(
        "For eq: how far off it may be, as a fraction of the value; capped by policy");
}

void describe(Describe<ClaimContent>& d) {
    d.field<&ClaimContent::return_code>("The exit status that the recipe ends with");
    d.field<&ClaimContent::output_contains>(
         "Texts, each of which stands in its standard output or standard error")
        .or_default();
    d.field<&ClaimContent::output_matches>(
        "Regular expression (RE2) found in its standard output or standard error");
    d.field<&ClaimContent::metrics>("Numbers that it reports, by name").or_default();
    d.field<&ClaimContent::pattern_id>("The pattern that was applied");
}

void describe(Describe<Check>& d) {
    d.field<&Check::assertion>("What was claimed").example("\"metrics.query_time_ms <= 10\"");
    d.field<&Check::outcome>("Whether it was seen to hold");
    d.field<&Check::actual>("What was seen").example("\"8.5\"");
}

void describe(Describe<RecipeParameter>& d) {
    d.field<&RecipeParameter::type>("What its values must look like").or_default();
    d.field<&RecipeParameter::required>("It must be given").or_default();
    d.field<&RecipeParameter::many>("It takes a list; `{name...}` in argv").or_default();
    d.field<&RecipeParameter::fallback>("Its value when none is given");
    d.field<&RecipeParameter::choices>("For choice: the values there are").or_default();
    d.field<&RecipeParameter::minimum>("For integer: the least").or_default();
    d.field<&RecipeParameter::maximum>("For integer: the greatest").or_default();
    d.field<&RecipeParameter::doc>("What it is for").length(0, 500).or_default();
}

void describe(Describe<Recipe>& d) {
    d.field<&Recipe::name>("1 to 64 of a-z, 0-9, _ and -").length(1, 64).example("\"pytest\"");
    d.field<&Recipe::summary>("What it verifies, in a sentence").length(1, 500);
    d.field<&Recipe::kinds>("Kinds of claim that it can verify").length(1, 6);
    d.field<&Recipe::argv>(
         "The program and its arguments; `{name}`, `--flag={name}` and "
         "`{name...}` stand for parameters")
        .length(1, 64);
    d.field<&Recipe::commands>("Texts of verification_command that stand for it")
        .length(0, 16)
        .or_default();
    d.field<&Recipe::parameters>("What a claimant may choose").length(0, 16).or_default();
    d.field<&Recipe::environment>("All of the program's environment").length(0, 32).or_default();
    d.field<&Recipe::read_only>("Further folders of the host that the program may read")
        .length(0, 32)
        .or_default();
    d.field<&Recipe::folder>("Where it starts inside the tree").length(0, 1024).or_default();
    d.field<&Recipe::needs_tree>("It checks a tree").or_default();
    d.field<&Recipe::writable_tree>("It may write to its copy of the tree").or_default();
    d.field<&Recipe::report>("Form of the numbers that it reports").or_default();
    d.field<&Recipe::report_file>("File below /tmp with the report; empty: standard output")
        .length(0, 1024)
        .or_default();
    d.field<&Recipe::pins>("SHA-256 that files of the tree must have, by path")
        .length(0, 256)
        .or_default();
    d.field<&Recipe::trees>("Trees it may run on; empty: all").length(0, 64).or_default();
    d.field<&Recipe::strength>("Weight of its evidence, above 0 and at most 1")
        .between(0, 1)
        .or_default();
    d.field<&Recipe::limits>("What the program may use up").or_default();
    d.field<&Recipe::enabled>("False: it is switched off").or_default();
}

}  // namespace credence::trust
