// Formats one text of each language with the plugins named by hand, and checks what it says about a broken one.
import * as babel from 'prettier/plugins/babel';
import * as estree from 'prettier/plugins/estree';
import * as html from 'prettier/plugins/html';
import * as markdown from 'prettier/plugins/markdown';
import * as postcss from 'prettier/plugins/postcss';
import * as typescript from 'prettier/plugins/typescript';
import * as yaml from 'prettier/plugins/yaml';
import { format } from 'prettier/standalone';

const plugins = [babel, estree, html, markdown, postcss, typescript, yaml];
const texts = {
  babel: `const   f = async({a,b:[c]}, ...d)=>{ try{ await (g?.(a??b)) }catch{ return <div className='x' {...d}>{c.map(x=><b key={x}>{x}</b>)}</div> } }`,
  typescript: `abstract class A<T extends keyof B = never> implements C { declare private x?: T; @dec() method<const K>(this: A<T>, k: K): asserts k is K & {} {} } type M = { readonly [P in keyof A as \`get\${P}\`]-?: A[P] extends infer U ? U : never }`,
  json: `{"a":[1,2,{"b":null}],"long":"${'x'.repeat(90)}"}`,
  css: `@media (min-width:100px){a:hover>b{color:RED;margin:0 auto!important}}`,
  scss: `@mixin m($a:1){ &:not(.x){ width:calc(100% - #{$a}) } } .y{@include m(2)}`,
  markdown: `# Title\n* one\n* two\n\n| a | b |\n|-|-|\n| long cell | x |\n\n\`\`\`js\nlet   a=1\n\`\`\``,
  html: `<!doctype html><html><head><style>a{b:c}</style><script>let   x=1</script></head><body><p>some <b>bold</b> text</p></body></html>`,
  vue: `<template><div v-for="a in b" :key="a.id" @click="go( a )">{{a|b}}</div></template><script setup lang="ts">const x:number=1</script>`,
  yaml: `a:   1\nb:\n    - x\n    - {y:  2}\n`,
};
for (const [parser, text] of Object.entries(texts)) console.log(await format(text, { parser, plugins, printWidth: 60 }));
await format('let = (', { parser: 'babel', plugins }).catch((error) => console.log(error.name, error.message));
