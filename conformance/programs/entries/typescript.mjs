// Compiles a small project with the real libraries: diagnostics, JavaScript and declarations.
import { join } from 'node:path';
import ts from 'typescript';

const library = join(process.env.PACKAGES, 'typescript/lib');
const files = {
  '/shop.ts': `export interface Item { readonly name: string; price: number }
export enum Size { Small = 1, Large = Small << 2 }
export const total = (items: Item[], size = Size.Large) => items.reduce((sum, { price }) => sum + price * size, 0);
export class Cart<T extends Item> { #items: T[] = []; add(item: T): this { this.#items.push(item); return this; } }`,
  '/main.ts': `import { Cart, total, type Item } from './shop';
const cart = new Cart<Item>().add({ name: 'tea', price: 3 });
const wrong: string = total([{ name: 'tea', price: '3' }]);
async function* later() { for await (const one of [1, 2]) yield one ?? cart; }
export default later;`,
};
const options = { target: ts.ScriptTarget.ES2017, module: ts.ModuleKind.ESNext, strict: true, declaration: true, sourceMap: true, lib: ['lib.esnext.d.ts', 'lib.dom.d.ts'], types: [] };
const host = ts.createCompilerHost(options);
const read = host.getSourceFile;
host.getDefaultLibLocation = () => library;
host.getSourceFile = (name, ...rest) => (files[name] ? ts.createSourceFile(name, files[name], options.target, true) : read.call(host, name, ...rest));
host.fileExists = (name) => name in files || ts.sys.fileExists(name);
host.readFile = (name) => files[name] ?? ts.sys.readFile(name);
host.getCurrentDirectory = () => '/';
host.writeFile = (name, text) => console.log(`--- ${name}\n${text}`);

const program = ts.createProgram(Object.keys(files), options, host);
for (const fault of ts.getPreEmitDiagnostics(program)) console.log(`TS${fault.code}`, fault.file?.fileName, fault.start, ts.flattenDiagnosticMessageText(fault.messageText, '\n'));
program.emit();
const printed = ts.createPrinter({ removeComments: true }).printFile(program.getSourceFile('/shop.ts'));
console.log(printed.length, ts.transpileModule(files['/main.ts'], { compilerOptions: { module: ts.ModuleKind.CommonJS } }).outputText);
