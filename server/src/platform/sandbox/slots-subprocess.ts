/**
 * Main program of the subprocess that finds the slots of a long text. It reads one question from standard input and
 * writes one answer to standard output. It may read only the parsers and its own code.
 */
import { loadMarkFormat, slotsIfParsed } from "@tocsin/marks/carriers/registry"
import { loadParser } from "@tocsin/marks/grammars"

const chunks: Buffer[] = []
for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
const { name, text } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { name: string; text: string }
const pen = await loadMarkFormat(name, loadParser)
process.stdout.write(JSON.stringify(pen === null ? [] : slotsIfParsed(pen.carrier, text)))
