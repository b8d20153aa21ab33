// Runs the official MCP conformance suite and reads what it found.
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { withTimeout } from './binary.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const kSuiteTimeoutMs = 60_000;

// The two releases that package.json pins.
export const kRelease = '@modelcontextprotocol/conformance';
export const kNext = 'conformance-next';
// What may fail: nothing. The suite also fails on entries that do not.
const kExpectedFailures = join(here, 'expected-failures.yaml');

const kResultFolder = /^server-(.+)-\d{4}-\d{2}-\d{2}T[\d-]+Z$/;

// { code, output, scenarios: Map(name -> checks), count(status), listed(status) }
export async function runSuite(suite, url, ...options) {
    const results = await mkdtemp(join(tmpdir(), 'credence-conformance-'));
    try {
        const program = join(here, 'node_modules', suite, 'dist', 'index.js');
        const child = spawn(
            process.execPath,
            [program, 'server', '--url', url, '-o', results, ...options],
            { stdio: ['ignore', 'pipe', 'pipe'] },
        );
        const said = [];
        child.stdout.on('data', (data) => said.push(data));
        child.stderr.on('data', (data) => said.push(data));
        const exited = new Promise((done, failed) => {
            child.once('error', failed);
            child.once('close', done);
        });
        const code = await withTimeout(exited, kSuiteTimeoutMs, options.join(' ')).finally(() =>
            child.kill('SIGKILL'),
        );
        const scenarios = await readResults(results);
        const checks = [...scenarios].flatMap(([scenario, list]) =>
            list.map((check) => ({ scenario, ...check })),
        );
        const listed = (status) =>
            checks
                .filter((check) => check.status === status)
                .map((check) => `${check.scenario}: ${check.id}: ${check.errorMessage ?? ''}`);
        const count = (status) => listed(status).length;
        return { code, output: Buffer.concat(said).toString(), scenarios, count, listed };
    } finally {
        await rm(results, { recursive: true, force: true });
    }
}

export function expectNoFailures(suite, url, ...options) {
    return runSuite(suite, url, '--expected-failures', kExpectedFailures, ...options);
}

async function readResults(folder) {
    const scenarios = new Map();
    for (const name of (await readdir(folder)).sort()) {
        const scenario = kResultFolder.exec(name)?.[1];
        if (scenario !== undefined) {
            // A scenario that broke off leaves none.
            const none = JSON.stringify([{ id: 'results', status: 'FAILURE' }]);
            const text = readFile(join(folder, name, 'checks.json'), 'utf8').catch(() => none);
            scenarios.set(scenario, JSON.parse(await text));
        }
    }
    return scenarios;
}

// A server that is not quite ours: passes requests on and spoils what goes through.
//   ask(text) the request's body    answer(text) the answer's    status(code)
export async function startProxy(target, { ask, answer, status } = {}) {
    const same = (value) => value;
    const proxy = createServer(async (incoming, outgoing) => {
        const chunks = [];
        for await (const chunk of incoming) {
            chunks.push(chunk);
        }
        const body = Buffer.from((ask ?? same)(Buffer.concat(chunks).toString()));
        const headers = { ...incoming.headers, host: target.host, 'content-length': body.length };
        const onward = request(
            new URL(incoming.url, target),
            { method: incoming.method, headers },
            (answered) => {
                const given = { ...answered.headers };
                delete given['content-length'];
                outgoing.writeHead((status ?? same)(answered.statusCode), given);
                answered.setEncoding('utf8');
                answered.on('data', (text) => outgoing.write((answer ?? same)(text)));
                answered.on('end', () => outgoing.end());
            },
        );
        onward.on('error', () => outgoing.destroy());
        outgoing.on('close', () => onward.destroy());
        onward.end(body);
    });
    await new Promise((done) => proxy.listen(0, 'localhost', done));
    const stop = () => {
        proxy.closeAllConnections();
        return new Promise((done) => proxy.close(done));
    };
    return { url: `http://localhost:${proxy.address().port}/mcp`, stop };
}
