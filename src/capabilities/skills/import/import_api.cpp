// The operation of this folder, and what its structs mean.
#include "api/host.h"
#include "capabilities/skills/import/import.h"
#include "capabilities/skills/skills.h"

namespace credence::skills {

void describe(Describe<ImportSkills>& d) {
    d.field<&ImportSkills::file>("Its SQLite database, or its JSON export").length(1, 4'096);
}

void describe(Describe<ImportDifference>& d) {
    d.field<&ImportDifference::skill_name>("The skill");
    d.field<&ImportDifference::old_total>("Invocations, as the old figures say");
    d.field<&ImportDifference::rows>("Invocations, as the rows say");
    d.field<&ImportDifference::old_completion_rate>("Completion rate, as the old figures say");
    d.field<&ImportDifference::completion_rate>("Completion rate, as the rows say");
}

void describe(Describe<ImportReport>& d) {
    d.field<&ImportReport::layout>("What the file is");
    d.field<&ImportReport::total>("Rows of the file");
    d.field<&ImportReport::imported>("Rows that are new in the log");
    d.field<&ImportReport::already_there>("Rows that an earlier import brought");
    d.field<&ImportReport::skipped>("Rows that could not be brought over");
    d.field<&ImportReport::sessions>("Sessions made, or widened");
    d.field<&ImportReport::taxonomy_entries>("Entries of the taxonomy that are new or changed");
    d.field<&ImportReport::mended>("What was put right, and how often");
    d.field<&ImportReport::reasons>("Why rows were skipped, and how often");
    d.field<&ImportReport::left_out>("Other tables of the file with rows: not brought over");
    d.field<&ImportReport::differences>("Skills whose old figures do not follow from the rows");
}

void serve_import(Host& host, Skills& skills) {
    host.command<&Skills::import>(skills, "Bring over the former system's database or JSON export")
        .positional("file");
}

}  // namespace credence::skills
