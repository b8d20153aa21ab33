// Version negotiation and framing on the wire, below what the official client lets through.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';

import { binary, environment, startServer, temporaryData } from './binary.mjs';

const kRevisions = ['2025-06-18', '2025-11-25'];

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

test('HTTP negotiates both revisions and offers the newest to others', async () => {
    for (const revision of kRevisions) {
        const answer = await (await post(initialize(revision))).json();
        assert.equal(answer.id, `start-${revision}`);
        assert.equal(answer.result.protocolVersion, revision);
        const ping = await post(
            { jsonrpc: '2.0', id: 2, method: 'ping' },
            { 'MCP-Protocol-Version': revision },
        );
        assert.deepEqual(await ping.json(), { jsonrpc: '2.0', id: 2, result: {} });
    }
    const other = await (await post(initialize('2031-01-01'))).json();
    assert.equal(other.result.protocolVersion, '2025-11-25');
});

test('HTTP accepts notifications with 202 and refuses batches', async () => {
    const noted = await post({ jsonrpc: '2.0', method: 'notifications/initialized' });
    assert.equal(noted.status, 202);
    assert.equal(await noted.text(), '');
    const batch = await (await post([{ jsonrpc: '2.0', id: 1, method: 'ping' }])).json();
    assert.equal(batch.error.code, -32600);
    const broken = await (await post('{"jsonrpc":')).json();
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
        for (const [sent, code] of [
            ['{oops', -32700],
            ['[]', -32600],
            ['{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600],
            ['{"jsonrpc":"2.0","id":1,"method":"logging/setLevel"}', -32601],
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
