/**
 * The program of the process in which the slots of a long text are found: one question on standard input, one answer
 * on standard output. It may read the parsers and itself, nothing else.
 */
import { penFor, slotsIfParsed } from "@tocsin/marks/carriers/registry"
import { loadParser } from "@tocsin/marks/grammars"

const chunks: Buffer[] = []
for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
const { name, text } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { name: string; text: string }
const pen = await penFor(name, loadParser)
process.stdout.write(JSON.stringify(pen === null ? [] : slotsIfParsed(pen.carrier, text)))
