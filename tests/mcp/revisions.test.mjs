// The choice of a revision and the framing on the wire, below what official clients let through.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';

import { binary, environment, startServer, temporaryData } from './binary.mjs';

const kSessionRevisions = ['2025-06-18', '2025-11-25'];
const kModern = '2026-07-28';

let data;
let server;

before(async () => {
    data = await temporaryData();
    server = await startServer(data.path);
});

after(async () => {
    await server?.stop();
    await data?.remove();
});

function initialize(revision) {
    return {
        jsonrpc: '2.0',
        id: `start-${revision}`,
        method: 'initialize',
        params: {
            protocolVersion: revision,
            capabilities: {},
            clientInfo: { name: 't', version: '1' },
        },
    };
}

async function post(body, headers = {}) {
    return fetch(new URL('/mcp', server.address), {
        method: 'POST',
        headers: {
            'Content-Type': 'application/json',
            Accept: 'application/json, text/event-stream',
            ...headers,
        },
        body: typeof body === 'string' ? body : JSON.stringify(body),
    });
}

// The one JSON-RPC message of an answer, plain or in a stream.
async function message(answer) {
    const text = await answer.text();
    if (!answer.headers.get('content-type').startsWith('text/event-stream')) {
        return JSON.parse(text);
    }
    const lines = text.split('\n').filter((line) => line.startsWith('data:'));
    return JSON.parse(lines.at(-1).slice('data:'.length));
}

function modern(method, params = {}, more = {}) {
    const body = {
        jsonrpc: '2.0',
        id: method,
        method,
        params: {
            ...params,
            _meta: {
                'io.modelcontextprotocol/protocolVersion': kModern,
                'io.modelcontextprotocol/clientCapabilities': more.capabilities ?? {},
            },
        },
    };
    const name = params.name ?? params.uri ?? params.taskId;
    return post(body, {
        'MCP-Protocol-Version': kModern,
        'Mcp-Method': method,
        ...(name === undefined ? {} : { 'Mcp-Name': name }),
    });
}

test('HTTP negotiates revisions with sessions and offers the newest to others', async () => {
    for (const revision of kSessionRevisions) {
        const started = await post(initialize(revision));
        const session = started.headers.get('mcp-session-id');
        assert.match(session, /^[\x21-\x7e]+$/);
        const answer = await message(started);
        assert.equal(answer.id, `start-${revision}`);
        assert.equal(answer.result.protocolVersion, revision);
        const headers = { 'MCP-Protocol-Version': revision, 'Mcp-Session-Id': session };
        const noted = await post({ jsonrpc: '2.0', method: 'notifications/initialized' }, headers);
        assert.equal(noted.status, 202);
        assert.equal(await noted.text(), '');
        const ping = await post({ jsonrpc: '2.0', id: 2, method: 'ping' }, headers);
        assert.deepEqual(await message(ping), { jsonrpc: '2.0', id: 2, result: {} });
    }
    const other = await message(await post(initialize('2031-01-01')));
    assert.equal(other.result.protocolVersion, '2025-11-25');
});

test('HTTP serves 2026-07-28 without a session', async () => {
    const discovered = await modern('server/discover');
    assert.equal(discovered.headers.get('mcp-session-id'), null);
    const { result } = await message(discovered);
    assert.ok(result.supportedVersions.includes(kModern));
    assert.equal(result.resultType, 'complete');
    const called = await modern('tools/call', {
        name: 'guard_scan',
        arguments: { text: 'What is the capital of France?' },
    });
    assert.equal((await message(called)).result.structuredContent.verdict, 'allow');
    const unknown = await modern('no/such_method');
    assert.equal(unknown.status, 404);
    assert.equal((await message(unknown)).error.code, -32601);
});

test('a background operation becomes a task for a client that can follow one', async () => {
    const capabilities = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
    const ask = async (method, params) =>
        (await message(await modern(method, params, { capabilities }))).result;
    const task = await ask('tools/call', {
        name: 'guard_scan_batch',
        arguments: { items: [{ id: 'a', text: 'Hello' }, { id: 'b', text: 'Good morning' }] },
    });
    assert.equal(task.resultType, 'task');
    let now = task;
    const deadline = Date.now() + 20_000;
    while (now.status === 'working' && Date.now() < deadline) {
        now = await ask('tasks/get', { taskId: task.taskId });
    }
    assert.equal(now.status, 'completed');
    assert.equal(now.result.structuredContent.n, 2);
    assert.equal(now.result.structuredContent.totals.verdicts.allow, 2);
});

test('HTTP refuses batches and what is no JSON', async () => {
    const batch = await message(await post([{ jsonrpc: '2.0', id: 1, method: 'ping' }]));
    assert.equal(batch.error.code, -32600);
    const broken = await message(await post('{"jsonrpc":'));
    assert.equal(broken.error.code, -32700);
});

test('stdio answers malformed lines and goes on; it ends with its input', async () => {
    const own = await temporaryData();
    try {
        const child = spawn(binary, ['mcp', '--data', own.path], {
            env: environment,
            stdio: ['pipe', 'pipe', 'ignore'],
        });
        const exited = new Promise((done) => child.once('exit', done));
        const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
        const next = async () => JSON.parse((await lines.next()).value);
        child.stdin.write(`${JSON.stringify(initialize('2025-11-25'))}\n`);
        assert.equal((await next()).result.protocolVersion, '2025-11-25');
        for (const [sent, code] of [
            ['{oops', -32700],
            ['[]', -32600],
            ['{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600],
            ['{"jsonrpc":"2.0","id":1,"method":"no/such_method"}', -32601],
        ]) {
            child.stdin.write(`${sent}\n`);
            assert.equal((await next()).error.code, code, sent);
        }
        child.stdin.write('{"jsonrpc":"2.0","id":"last","method":"ping"}\n');
        assert.deepEqual(await next(), { jsonrpc: '2.0', id: 'last', result: {} });
        child.stdin.end();
        assert.equal(await exited, 0);
        assert.equal((await lines.next()).done, true);
    } finally {
        await own.remove();
    }
});
