// Runs the TypeScript sources as the ES modules they are: `node --conditions=source --import ./test/register.mjs file.ts`.
import { register } from 'tsx/esm/api';

// Called, not imported as 'tsx/esm': that leaves out worker threads on Node 20.
register();

// Mocha would require() each test file first, and tsx would then load a second, CommonJS copy of every module.
Object.defineProperty(process.features, 'require_module', { value: false });
