// Starts the real binary for a test and stops it again.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const kStartTimeoutMs = 30_000;
const kStopTimeoutMs = 15_000;

export const binary = resolve(here, process.env.CREDENCE_BINARY ?? '../../build/release/credence');
// The same program with the fixtures of the conformance suite.
export const conformanceBinary = join(dirname(binary), 'credence_conformance');

// Settings come from the command line only: the program refuses variables it does not know, such as
// the one that names it.
export const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('CREDENCE_')),
);

// A data folder of the test's own. Call remove() at the end.
export async function temporaryData() {
    const path = await mkdtemp(join(tmpdir(), 'credence-mcp-'));
    return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export function withTimeout(promise, timeoutMs, what) {
    let timer;
    const late = new Promise((_, reject) => {
        const error = new Error(`${what} took more than ${timeoutMs} ms`);
        timer = setTimeout(() => reject(error), timeoutMs);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// `credence serve` on a free port, with more settings ("mcp.profile=full") if given. Resolves when
// it listens, with its base address and stop().
export async function startServer(dataPath, { program = binary, set = [] } = {}) {
    const settings = set.flatMap((setting) => ['--set', setting]);
    const child = spawn(
        program,
        ['serve', '--listen', '127.0.0.1:0', '--data', dataPath, ...settings],
        { env: environment, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const seen = [];
    const exited = new Promise((done) => child.once('exit', done));
    const listening = new Promise((done, fail) => {
        child.once('error', fail);
        child.once('exit', (code) => {
            fail(new Error(`serve ended with ${code}:\n${seen.join('\n')}`));
        });
        createInterface({ input: child.stderr }).on('line', (line) => {
            seen.push(line);
            if (!line.includes('"listening"')) {
                return;
            }
            const event = JSON.parse(line);
            if (event.port) {
                done(event.port);
            }
        });
    });
    listening.catch(() => {});
    const stop = async () => {
        if (child.exitCode === null) {
            child.kill('SIGTERM');
        }
        return withTimeout(exited, kStopTimeoutMs, 'stopping the server').catch(async (error) => {
            child.kill('SIGKILL');
            await exited;
            throw error;
        });
    };
    try {
        const port = await withTimeout(listening, kStartTimeoutMs, 'starting the server');
        return { address: `http://127.0.0.1:${port}`, port, stop };
    } catch (error) {
        child.kill('SIGKILL');
        throw error;
    }
}
