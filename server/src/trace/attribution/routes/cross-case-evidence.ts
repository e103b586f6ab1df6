/** Route of the cross-case evidence, for investigators. */
import { caution } from "@tocsin/marks/bundle/fixed-texts"
import { ownerOf } from "@tocsin/marks/recipient"
import { route } from "../../../kernel/action-context.ts"
import { readCrossCaseEvidence } from "../actions/read-cross-case-evidence.ts"
import { supportInWords } from "@tocsin/marks/evidence/hypotheses"
import { scale } from "@tocsin/marks/evidence/hypotheses"
import { crossCaseEvidenceAnswer } from "../schemas.ts"

export const crossCaseEvidenceRoute = route(
    {
        side: "console",
        method: "GET",
        path: "/api/cross-case-evidence",
        permission: "evidence:read",
        summary: "Weighs all leaks of all cases together, and records the read",
        answer: crossCaseEvidenceAnswer,
    },
    async (ctx) => {
        const { leaks, ranking, ...rest } = await readCrossCaseEvidence(ctx)
        return {
            ...rest,
            caution,
            scale,
            leaks: leaks.map(({ id: evidence, document, share }) => ({ evidence, ...versionIn(document), share })),
            ranking: ranking.map(({ recipient, ...rest }) => ({
                ...ownerOf(recipient),
                text: supportInWords(rest.log10e),
                ...rest,
            })),
        }
    },
)

function versionIn(document: string): { artifact: string; version: number } {
    const [artifact = "", version = ""] = document.split(":")
    return { artifact, version: Number(version) }
}
