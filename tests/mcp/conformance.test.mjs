// The official MCP conformance suite against the real program with its fixtures: nothing may fail,
// be skipped or be missing. And the other way round: the suite finds what is broken.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { conformanceBinary, startServer, temporaryData } from './binary.mjs';
import { expectNoFailures, kNext, kRelease, runSuite, startProxy } from './suite.mjs';

// Extensions and what the suite keeps apart, by name, so that each decides the exit status.
const kByName = [
    'tasks-lifecycle',
    'tasks-capability-negotiation',
    'tasks-wire-fields',
    'tasks-request-state-removal',
    'tasks-mrtr-input',
    'tasks-request-headers',
    'tasks-dispatch-and-envelope',
    'tasks-status-notifications',
    'tasks-required-task-error',
    'tasks-mrtr-composition',
    'sep-2640-skills-enumeration',
    'sep-2640-skills-manifest',
    'sep-2640-skills-directory',
    'http-header-validation',
    'http-custom-header-server-validation',
];
const kByNameChecks = 113;
const kAtOnce = 3;

// The suite leaves these out whatever the server does.
const kNeverRun = [/^tasks-status-notifications: tasks-status-notifications: /];

let data;
let server;
let url;

before(async () => {
    data = await temporaryData();
    server = await startServer(data.path, { program: conformanceBinary });
    url = `http://localhost:${server.port}/mcp`;  // the suite wants this name
});

after(async () => {
    await server?.stop();
    await data?.remove();
});

function assertClean(result) {
    assert.deepEqual(result.listed('FAILURE'), []);
    assert.deepEqual(result.listed('WARNING'), []);
    assert.deepEqual(
        result.listed('SKIPPED').filter((line) => !kNeverRun.some((known) => known.test(line))),
        [],
    );
    assert.equal(result.code, 0, result.output);
}

describe('conformance', () => {
    for (const [name, suite, options, scenarios, checks] of [
        ['the release, every scenario', kRelease, ['--suite', 'all'], 32, 46],
        ['2025-11-25', kNext, ['--requirements', '2025-11-25'], 33, 83],
        ['2026-07-28', kNext, ['--requirements', '2026-07-28'], 50, 196],
    ]) {
        test(name, async () => {
            const result = await expectNoFailures(suite, url, ...options);
            assertClean(result);
            assert.equal(result.scenarios.size, scenarios);
            assert.equal(result.count('SUCCESS'), checks);
        });
    }

    test('tasks, skills and headers, each by name', async () => {
        const waiting = [...kByName];
        let checks = 0;
        const work = async () => {
            while (waiting.length > 0) {
                const scenario = waiting.shift();
                const result = await expectNoFailures(kNext, url, '--scenario', scenario);
                assertClean(result);
                assert.deepEqual([...result.scenarios.keys()], [scenario]);
                checks += result.count('SUCCESS');
            }
        };
        await Promise.all(Array.from({ length: kAtOnce }, work));
        assert.equal(checks, kByNameChecks);
    });
});

describe('the suite fails', () => {
    test('on a port where nobody listens', async () => {
        const closed = await startProxy(new URL(url));
        await closed.stop();
        const result = await runSuite(kNext, closed.url, '--requirements', '2026-07-28');
        assert.equal(result.code, 1);
        assert.equal(result.scenarios.size, 50);
        assert.ok(result.count('FAILURE') > 50);
    });

    // What is spoilt between a sound server and the suite, and the scenario that must notice.
    for (const [what, scenario, spoil] of [
        [
            'on an image without its type',
            'tools-call-image',
            { answer: (text) => text.replaceAll('"mimeType"', '"mimetype"') },
        ],
        [
            'on lists that do not say how long they hold',
            'caching',
            { answer: (text) => text.replaceAll('"ttlMs"', '"ttl"') },
        ],
        [
            'on a server that takes any state back',
            'input-required-result-tampered-state',
            { ask: (text) => text.replaceAll('-TAMPERED', '') },
        ],
        [
            'on errors that look like success',
            'server-stateless',
            { status: () => 200 },
        ],
        [
            'on a server that forgets its tasks',
            'tasks-lifecycle',
            { ask: (text) => text.replaceAll('"tasks/get"', '"tasks/forget"') },
        ],
    ]) {
        test(what, async () => {
            const sound = await startProxy(new URL(url));
            const broken = await startProxy(new URL(url), spoil);
            try {
                const [passed, failed] = await Promise.all([
                    runSuite(kNext, sound.url, '--scenario', scenario),
                    runSuite(kNext, broken.url, '--scenario', scenario),
                ]);
                assertClean(passed);
                assert.equal(failed.code, 1, failed.output);
                assert.ok(failed.count('FAILURE') > 0);
            } finally {
                await sound.stop();
                await broken.stop();
            }
        });
    }
});
