// The official TypeScript clients, each over each transport, with one way to use them all.
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import * as legacyHttp from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import * as modern from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';

import { binary, startServer } from './binary.mjs';

const kIdentity = { name: 'credence-test', version: '1.0.0' };
const kModern = '2026-07-28';

// Versions 1.x open a session; 2.x, asked to, does without.
const kGenerations = {
    '2025-11-25': {
        revision: '2025-11-25',
        modern: false,
        Http: legacyHttp.StreamableHTTPClientTransport,
        Stdio: LegacyStdio,
        connect: async (transport) => {
            const client = new LegacyClient(kIdentity);
            await client.connect(transport);
            return client;
        },
        // Calls told(uri) whenever the resource changed.
        watch: async (client, uri, told) => {
            client.setNotificationHandler(ResourceUpdatedNotificationSchema, (note) =>
                told(note.params.uri),
            );
            await client.subscribeResource({ uri });
        },
    },
    [kModern]: {
        revision: kModern,
        modern: true,
        Http: modern.StreamableHTTPClientTransport,
        Stdio: ModernStdio,
        connect: async (transport) => {
            const client = new modern.Client(kIdentity, {
                versionNegotiation: { mode: { pin: kModern } },
            });
            await client.connect(transport);
            return client;
        },
        watch: async (client, uri, told) => {
            client.setNotificationHandler('notifications/resources/updated', (note) =>
                told(note.params.uri),
            );
            await client.listen({ resourceSubscriptions: [uri] });
        },
    },
};

async function openHttp(generation, data, set) {
    const server = await startServer(data, { set });
    const transport = new generation.Http(new URL('/mcp', server.address));
    return { transport, stop: () => server.stop() };
}

async function openStdio(generation, data, set) {
    const settings = set.flatMap((setting) => ['--set', setting]);
    const args = ['mcp', '--data', data, ...settings];
    const transport = new generation.Stdio({ command: binary, args, stderr: 'ignore' });
    return { transport, stop: async () => {} };
}

// [name, open(data, settings) -> { client, generation, close() }] of every combination.
export const connections = Object.values(kGenerations).flatMap((generation) =>
    Object.entries({ 'Streamable HTTP': openHttp, stdio: openStdio }).map(([transport, start]) => [
        `${generation.revision} over ${transport}`,
        async (data, set = []) => {
            const session = await start(generation, data, set);
            try {
                const client = await generation.connect(session.transport);
                const close = async () => {
                    await client.close();
                    await session.stop();
                };
                return { client, generation, close };
            } catch (error) {
                await session.stop();
                throw error;
            }
        },
    ]),
);
