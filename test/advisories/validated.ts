/** CSAF documents against the schemas and the mandatory tests of the standard, by a validator that is not ours. */
import * as schemas20 from "@secvisogram/csaf-validator-lib/schemaTests.js"
import * as mandatory20 from "@secvisogram/csaf-validator-lib/mandatoryTests.js"
import * as schemas21 from "@secvisogram/csaf-validator-lib/csaf_2_1/schemaTests.js"
import * as mandatory21 from "@secvisogram/csaf-validator-lib/csaf_2_1/mandatoryTests.js"
import type { CsafVersion } from "@tocsin/formats/csaf/document"

/** The schema and 6.1.* alone: other tests of the library fetch what a document names. */
const tests = {
    "2.0": [schemas20["csaf_2_0_strict"], ...Object.values(mandatory20)],
    "2.1": [schemas21["csaf_2_1"], ...Object.values(mandatory21)],
} satisfies Record<CsafVersion, unknown>

/** The library asks in floating point whether a score is a multiple of 0.1, which makes 8.3 none. */
function isMisread(score: unknown): boolean {
    return typeof score === "number" && !Number.isInteger(score / 0.1)
}

/** It takes the base score of 4.0 from the base metrics alone; the standard's own documents count all that there are. */
const beyondBase = /"vectorString":"CVSS:4\.0\/[^"]*\/SA:[HLN]\//

export async function faultsOf(document: unknown, version: CsafVersion): Promise<string[]> {
    const faults: string[] = []
    const misread = /"cvss_v4":\{[^}]*"baseScore":([\d.]+)/g
    const text = JSON.stringify(document)
    const isUnsure = beyondBase.test(text) || [...text.matchAll(misread)].some(([, score]) => isMisread(Number(score)))
    for (const input of tests[version]) {
        if (typeof input !== "function") continue
        const { isValid, errors = [] } = await input(document)
        const sure = errors.filter(({ instancePath }) => !(isUnsure && instancePath.includes("/cvss_v4")))
        if (sure.length === 0 && errors.length > 0) continue
        const notified = sure.map(({ instancePath, message }) => `${input.name} ${instancePath}: ${message}`)
        faults.push(...(isValid === false && notified.length === 0 ? [input.name] : notified))
    }
    return faults
}
