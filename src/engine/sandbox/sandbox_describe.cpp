#include "engine/sandbox/sandbox.h"

#include "base/units.h"

namespace credence::sandbox {
namespace {

constexpr std::size_t kMaxPathBytes = 4096;

}  // namespace

void describe(Describe<SandboxSettings>& d) {
    d.field<&SandboxSettings::runner>(
         "How programs are isolated. automatic: bubblewrap if it works here, else native; a host "
         "where neither works refuses to run programs")
        .or_default();
    d.field<&SandboxSettings::bubblewrap>("Where bubblewrap is")
        .or_default()
        .length(1, kMaxPathBytes);
    d.field<&SandboxSettings::max_running>("Programs at once; more wait")
        .or_default()
        .between(1, 256);
    d.field<&SandboxSettings::max_waiting>("Programs that wait; more are refused")
        .or_default()
        .between(0, 10'000);
    d.field<&SandboxSettings::user_id>(
         "As whom programs run when the server is root; otherwise they run as the server's user in "
         "a user namespace")
        .or_default()
        .between(1, 4'294'967'294.0);
    d.field<&SandboxSettings::staging>(
         "Where the folders that programs check are copied to; empty: the temporary folder")
        .or_default()
        .length(0, kMaxPathBytes);
}

void describe(Describe<Limits>& d) {
    d.field<&Limits::wall_ms>("Time until everything is killed")
        .or_default()
        .between(1, kMsPerHour);
    d.field<&Limits::cpu_ms>("Processor time of each process, rounded up to seconds")
        .or_default()
        .between(1, kMsPerHour);
    d.field<&Limits::memory_bytes>("Address space of each process")
        .or_default()
        .between(16 * kMebibyte, 64 * kGibibyte);
    d.field<&Limits::scratch_bytes>("Size of /tmp, which is in memory")
        .or_default()
        .between(kMebibyte, 16 * kGibibyte);
    d.field<&Limits::file_bytes>("Size of each file written")
        .or_default()
        .between(0, 16 * kGibibyte);
    d.field<&Limits::output_bytes>("What is kept of each output stream; the digest is of all")
        .or_default()
        .between(0, 64 * kMebibyte);
    d.field<&Limits::processes>("Processes and threads at once").or_default().between(1, 4096);
    d.field<&Limits::open_files>("Open files of each process").or_default().between(16, 65'536);
}

void describe(Describe<RunnerStatus>& d) {
    d.field<&RunnerStatus::runner>("Which runner");
    d.field<&RunnerStatus::usable>("Whether it isolates on this host, by trying");
    d.field<&RunnerStatus::reason>("Why not, or empty");
}

void describe(Describe<Status>& d) {
    d.field<&Status::usable>("Whether programs can be run");
    d.field<&Status::runner>("The runner in use");
    d.field<&Status::runners>("Every runner, tried");
    d.field<&Status::landlock_abi>("The kernel's Landlock version; 0: none");
    d.field<&Status::user_namespaces>("Whether programs run in a user namespace of their own");
}

}  // namespace credence::sandbox
