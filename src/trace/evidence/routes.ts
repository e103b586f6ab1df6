/** Evidence over HTTP, for investigators: filing a leaked text or a first exploitation, and reading what was filed. */
import { Type } from "typebox"
import { formatInstant, parseInstant } from "../../lib/instant.ts"
import { refuse } from "../../lib/refusal.ts"
import { route } from "../../trust/audit/actions.ts"
import { allEvidence, fileExploitation, fileLeak, readEvidence } from "./actions.ts"
import { type Evidence, clockQualities, evidenceKinds } from "./evidence.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })
const maybe = Type.Union([Type.String(), Type.Null()])
const oneOf = <const T extends readonly string[]>(words: T) => Type.Union(words.map((word) => Type.Literal(word)))

/** Ten megabytes in Base64, and the words around them. */
const bodyMax = 14 * 1024 * 1024

const shown = {
    id,
    kind: Type.String(),
    case: maybe,
    name: Type.String(),
    source: Type.String(),
    note: Type.String(),
    sha256: maybe,
    size: Type.Union([Type.Integer(), Type.Null()]),
    seenAt: Type.String(),
    clock: Type.String(),
    filedBy: id,
    filedAt: Type.String(),
}

const filing = Type.Object(
    {
        kind: oneOf(evidenceKinds),
        case: Type.Optional(Type.Union([id, Type.Null()])),
        name: Type.Optional(Type.String()),
        source: Type.String(),
        note: Type.Optional(Type.String()),
        seenAt: Type.String(),
        clock: oneOf(clockQualities),
        /** Of a leak: the text itself, or the file's bytes in Base64. */
        content: Type.Optional(Type.String()),
        encoding: Type.Optional(oneOf(["text", "base64"])),
    },
    closed,
)

function presented(its: Evidence) {
    return { ...its, seenAt: formatInstant(its.seenAt), filedAt: formatInstant(its.filedAt) }
}

/** Half a surrogate pair has no bytes, and so is no text. */
function bytesOf(content: string, encoding: "text" | "base64"): Buffer {
    if (encoding === "text") return content.isWellFormed() ? Buffer.from(content, "utf8") : Buffer.from([0xff])
    const bytes = Buffer.from(content, "base64")
    if (bytes.toString("base64") !== content) refuse("invalid", "evidence.bad_base64", "the content is not in Base64")
    return bytes
}

const console = { side: "console" as const }

export const routes = [
    route(
        {
            ...console,
            method: "POST",
            path: "/api/evidence",
            needs: "evidence:write",
            does: "Files a leaked text or a first exploitation; the attribution of a leak starts by itself",
            creates: true,
            body: filing,
            bodyMax,
            answer: Type.Object({ evidence: id }),
        },
        async ({ body, ...act }) => {
            const { kind, source, note = "", clock } = body
            const seenAt = parseInstant(body.seenAt)
            if (kind === "exploitation") {
                const caseId = body.case ?? refuse("invalid", "evidence.needs_case", "say which case was exploited")
                if (body.content !== undefined || body.name !== undefined) {
                    refuse(
                        "invalid",
                        "evidence.no_content",
                        "an exploitation is told by an instant, and has no content",
                    )
                }
                return { evidence: await fileExploitation(act, { case: caseId, at: seenAt, clock, source, note }) }
            }
            const content = bytesOf(body.content ?? "", body.encoding ?? "text")
            const words = { name: body.name ?? "", source, note }
            return { evidence: await fileLeak(act, { ...words, case: body.case ?? null, content, seenAt, clock }) }
        },
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/evidence",
            needs: "evidence:read",
            does: "All evidence, newest first, without its content",
            answer: Type.Object({ evidence: Type.Array(Type.Object(shown)) }),
        },
        async (ask) => ({ evidence: (await allEvidence(ask)).map(presented) }),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/evidence/{id}",
            needs: "evidence:read",
            does: "One piece of evidence with its content; the look is on record",
            params: Type.Object({ id }, closed),
            answer: Type.Object({ ...shown, content: maybe }),
        },
        async (ask) => {
            const { content, ...its } = await readEvidence(ask, ask.params.id)
            return { ...presented(its), content }
        },
    ),
]
