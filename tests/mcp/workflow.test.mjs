// Learn, apply, verify, trust: the whole loop with the official client over both transports, and a
// real process in the real sandbox. Tool and argument names are those users already know.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { binary, startServer, temporaryData } from './binary.mjs';

const kScript = `
import json
print("Query time reduced by 90%")
print(json.dumps({"metrics": {"query_time_ms": 10}}))
`;

async function overHttp(data) {
    const server = await startServer(data);
    return {
        transport: new StreamableHTTPClientTransport(new URL('/mcp', server.address)),
        stop: () => server.stop(),
    };
}

async function overStdio(data) {
    const args = ['mcp', '--data', data];
    return { transport: new StdioClientTransport({ command: binary, args, stderr: 'ignore' }), stop: async () => {} };
}

for (const [name, open] of Object.entries({ 'Streamable HTTP': overHttp, stdio: overStdio })) {
    describe(`learn, apply, verify, trust over ${name}`, () => {
        let data;
        let session;
        let client;

        async function call(tool, request) {
            const result = await client.callTool({ name: tool, arguments: request });
            assert.ok(!result.isError, `${tool}: ${JSON.stringify(result.content)}`);
            return result.structuredContent;
        }

        before(async () => {
            data = await temporaryData();
            const project = join(data.path, 'project');
            await mkdir(join(project, 'scripts'), { recursive: true });
            await writeFile(join(project, 'scripts', 'benchmark_query.py'), kScript);
            session = await open(join(data.path, 'data'));
            client = new Client({ name: 'credence-test', version: '1.0.0' });
            await client.connect(session.transport);
            await call('trees_register', { name: 'default', path: project });
            await call('recipes_put', {
                name: 'benchmark_query',
                summary: 'Times the slow query',
                kinds: ['performance_metric'],
                argv: ['/usr/bin/python3', '-I', 'scripts/benchmark_query.py'],
                commands: ['python scripts/benchmark_query.py'],
                report: 'json',
            });
            await call('agents_create', { agent_id: 'artemis-optimizer' });
            await call('agents_create', { agent_id: 'athena-conductor' });
        });

        after(async () => {
            await client?.close();
            await session?.stop();
            await data?.remove();
        });

        test('closes the loop', async () => {
            const learned = await call('learn_pattern', {
                agent_id: 'athena-conductor',
                pattern_name: 'sql_optimization_index',
                category: 'performance',
                pattern_content: 'Add a composite index; expect 90% less query time',
                access_level: 'public',
            });
            const applied = await call('apply_pattern', {
                agent_id: 'artemis-optimizer',
                pattern_query: 'speed up a slow sql query with an index',
                context: 'postgres, orders table',
            });
            assert.equal(applied.patterns[0].pattern.pattern_id, learned.pattern_id);

            const before = await call('get_trust_score', { agent_id: 'artemis-optimizer' });
            assert.equal(before.trust_score, 0.5);
            const verification = await call('verify_claim', {
                agent_id: 'artemis-optimizer',
                claim_type: 'performance_metric',
                claim_content: {
                    return_code: 0,
                    output_contains: 'Query time reduced by 90%',
                    metrics: { query_time_ms: 10 },
                    pattern_id: learned.pattern_id,
                },
                verification_command: 'python scripts/benchmark_query.py',
            });
            assert.equal(verification.accurate, true, JSON.stringify(verification));
            assert.equal(verification.outcome, 'confirmed');
            assert.equal(verification.pattern_linked, true);

            const trust = await call('get_trust_score', { agent_id: 'artemis-optimizer' });
            assert.ok(trust.trust_score > 0.5, JSON.stringify(trust));
            assert.equal(trust.total_verifications, 1);
            const pattern = await call('patterns_get', {
                pattern_id: learned.pattern_id,
                agent_id: 'artemis-optimizer',
            });
            assert.equal(pattern.usage_count, 1);
            assert.equal(pattern.success_rate, 1);

            const history = await call('get_verification_history', { agent_id: 'artemis-optimizer' });
            assert.equal(history.verifications[0].verification_id, verification.verification_id);
            const statistics = await call('get_verification_statistics', { agent_id: 'artemis-optimizer' });
            assert.equal(statistics.counts.confirmed, 1);
            const changes = await call('get_trust_history', { agent_id: 'artemis-optimizer' });
            assert.ok(JSON.stringify(changes).includes(verification.verification_id));
        });

        test('refuses a command that is no recipe', async () => {
            const result = await client.callTool({
                name: 'verify_claim',
                arguments: {
                    agent_id: 'artemis-optimizer',
                    claim_type: 'test_result',
                    claim_content: { return_code: 0 },
                    verification_command: 'echo "100% PASSED"',
                },
            });
            assert.equal(result.isError, true);
            assert.match(result.content[0].text, /pytest/);
        });

        test('a tool that is switched off is gone', async () => {
            await call('flags_disable', { operation: 'learn_pattern', reason: 'rollback drill' });
            const { tools } = await client.listTools();
            assert.ok(!tools.some((tool) => tool.name === 'learn_pattern'));
            const result = await client.callTool({
                name: 'learn_pattern',
                arguments: { agent_id: 'athena-conductor', pattern_name: 'x', category: 'y', pattern_content: 'z' },
            });
            assert.equal(result.isError, true);
            assert.match(result.content[0].text, /rollback drill/);
            await call('flags_enable', { operation: 'learn_pattern' });
        });
    });
}
