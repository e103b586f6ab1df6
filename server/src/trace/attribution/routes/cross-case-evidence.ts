/** Route of the cross-case evidence, for investigators. */
import { Type } from "typebox"
import { caution } from "@tocsin/marks/bundle/fixed-texts"
import { whose } from "@tocsin/marks/recipient"
import { route } from "../../../kernel/action-context.ts"
import { readLedger } from "../actions/cross-case-evidence.ts"
import { inWords } from "@tocsin/marks/evidence/hypotheses"
import { scale } from "@tocsin/marks/evidence/hypotheses"

const id = Type.String({ format: "uuid" })
const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const ledgerRoute = route(
    {
        side: "console",
        method: "GET",
        path: "/api/cross-case-evidence",
        permission: "evidence:read",
        summary: "Weighs all leaks of all cases together, and records the look",
        answer: Type.Object({
            caution: Type.String(),
            scale: Type.String(),
            alpha: Type.Number(),
            /** The largest number of candidates, ever. Above it, no recipient is identified. */
            places: Type.Integer(),
            isFull: Type.Boolean(),
            /** log10 of the e-value from which a recipient is identified. */
            bar: Type.Number(),
            filed: Type.Integer(),
            deleted: Type.Integer(),
            leaks: Type.Array(
                Type.Object({
                    evidence: id,
                    artifact: id,
                    version: Type.Integer(),
                    /** The leak's share among leaks of this version; 0 where an earlier leak read the same. */
                    share: Type.Number(),
                }),
            ),
            ranking: Type.Array(
                Type.Object({
                    partner: orNull(id),
                    person: orNull(id),
                    log10e: Type.Number(),
                    words: Type.String(),
                    /** The number of versions behind this e-value. */
                    documents: Type.Integer(),
                    identified: Type.Boolean(),
                }),
            ),
        }),
    },
    async (ask) => {
        const { leaks, ranking, ...rest } = await readLedger(ask)
        return {
            ...rest,
            caution,
            scale,
            leaks: leaks.map(({ id: evidence, document, share }) => ({ evidence, ...versionIn(document), share })),
            ranking: ranking.map(({ recipient, ...rest }) => ({
                ...whose(recipient),
                words: inWords(rest.log10e),
                ...rest,
            })),
        }
    },
)

function versionIn(document: string): { artifact: string; version: number } {
    const [artifact = "", version = ""] = document.split(":")
    return { artifact, version: Number(version) }
}
