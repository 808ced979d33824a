// What the engine's policy runner loads. It brings an old compiler of its own for TypeScript; tsx takes its place.
require('tsx/cjs');
require('./pack.ts');
