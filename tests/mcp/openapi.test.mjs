// GET /openapi.json is a valid OpenAPI 3.1 document, by the official schema.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Validator } from '@seriousme/openapi-schema-validator';

import { startServer, temporaryData } from './binary.mjs';

let data;
let server;
let document;

before(async () => {
    data = await temporaryData();
    server = await startServer(data.path);
    document = await (await fetch(new URL('/openapi.json', server.address))).json();
});

after(async () => {
    await server?.stop();
    await data?.remove();
});

test('fits the OpenAPI 3.1 schema', async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(document));
    assert.ok(result.valid, JSON.stringify(result.errors, null, 2));
    assert.equal(validator.version, '3.1');
});

test('every reference leads somewhere', () => {
    const follow = (pointer) =>
        pointer
            .slice(2)
            .split('/')
            .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
            .reduce((node, part) => node?.[part], document);
    const walk = (node) => {
        if (node === null || typeof node !== 'object') {
            return;
        }
        if (typeof node.$ref === 'string') {
            assert.ok(node.$ref.startsWith('#/'), node.$ref);
            assert.notEqual(follow(node.$ref), undefined, node.$ref);
        }
        Object.values(node).forEach(walk);
    };
    walk(document);
});

test('operations have unique ids and describe their path parameters', () => {
    const ids = [];
    for (const [path, methods] of Object.entries(document.paths)) {
        for (const operation of Object.values(methods)) {
            ids.push(operation.operationId);
            const described = (operation.parameters ?? [])
                .filter((parameter) => parameter.in === 'path')
                .map((parameter) => parameter.name);
            assert.deepEqual(
                [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]).sort(),
                described.sort(),
                path,
            );
        }
    }
    assert.ok(ids.length > 0);
    assert.equal(new Set(ids).size, ids.length);
});
