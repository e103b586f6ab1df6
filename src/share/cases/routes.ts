/** Cases and their embargo, for the operator. */
import { Type } from "typebox"
import { formatInstant, parseInstant } from "../../lib/instant.ts"
import { route } from "../../trust/audit/actions.ts"
import * as actions from "./actions.ts"
import { phase } from "./embargo.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })
const byId = Type.Object({ id }, closed)
const text = (max: number) => Type.String({ minLength: 1, maxLength: max })
const vulnerability = Type.Object(
    { cve: text(40), cwe: text(20), score: Type.Number({ minimum: 0, maximum: 10 }), vector: text(200) },
    closed,
)
const product = Type.Object(
    { vendor: text(100), name: text(200), fixedIn: Type.Union([text(100), Type.Null()]) },
    closed,
)
const details = {
    title: text(200),
    vulnerabilities: Type.Array(vulnerability, { minItems: 1, maxItems: 50 }),
    products: Type.Array(product, { maxItems: 50 }),
    finder: Type.String({ maxLength: 200 }),
}
const shown = Type.Object({
    id,
    ...details,
    createdAt: Type.String(),
    phase: Type.String(),
    publication: Type.Union([Type.String(), Type.Null()]),
    embargo: Type.Array(
        Type.Object({
            kind: Type.String(),
            at: Type.String(),
            endsAt: Type.Optional(Type.String()),
            why: Type.Optional(Type.String()),
        }),
    ),
    links: Type.Array(Type.Object({ to: id, kind: Type.String() })),
})

function presented(file: actions.CaseFile, now: number) {
    const { title, vulnerabilities, products, finder, links } = file
    return {
        ...{ id: file.id, title, vulnerabilities, products, finder, links },
        createdAt: formatInstant(file.createdAt),
        phase: phase(file.embargo, now),
        publication: file.publication === null ? null : formatInstant(file.publication),
        embargo: file.embargo.map((turn) => ({
            kind: turn.kind,
            at: formatInstant(turn.at),
            ...("endsAt" in turn && { endsAt: formatInstant(turn.endsAt) }),
            ...("why" in turn && { why: turn.why }),
        })),
    }
}

const turnBody = Type.Object(
    {
        act: Type.Union(["propose", "agree", "move", "break"].map((verb) => Type.Literal(verb))),
        endsAt: Type.Optional(Type.String()),
        why: Type.Optional(text(2000)),
    },
    closed,
)
const console = { side: "console" as const }

export const routes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/cases",
            needs: "case:read",
            does: "All cases",
            answer: Type.Object({ now: Type.String(), cases: Type.Array(shown) }),
        },
        async (ask) => ({
            now: formatInstant(ask.now),
            cases: (await actions.caseFiles(ask)).map((file) => presented(file, ask.now)),
        }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/cases",
            needs: "case:write",
            does: "Opens a case",
            creates: true,
            body: Type.Object(details, closed),
            answer: byId,
        },
        async (ask) => ({ id: await actions.openCase(ask, ask.body) }),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/cases/{id}",
            needs: "case:read",
            does: "One case, with every turn of its embargo",
            params: byId,
            answer: shown,
        },
        async (ask) => presented(await actions.caseFile(ask, ask.params.id), ask.now),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/cases/{id}/links",
            needs: "case:write",
            does: "Says that a case is a bypass or a variant of another",
            params: byId,
            body: Type.Object(
                { to: id, kind: Type.Union([Type.Literal("bypass of"), Type.Literal("variant of")]) },
                closed,
            ),
        },
        async (ask) => {
            await actions.linkCases(ask, ask.params.id, ask.body.to, ask.body.kind)
            return {}
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/cases/{id}/embargo",
            needs: "case:write",
            does: "One more turn of the embargo: propose, agree, move or break",
            params: byId,
            body: turnBody,
            answer: shown,
        },
        async (ask) => {
            const { act: verb, why } = ask.body
            const endsAt = parseInstant(ask.body.endsAt ?? (verb === "break" ? formatInstant(ask.now) : ""))
            if (verb === "propose") await actions.proposeEmbargo(ask, ask.params.id, endsAt)
            else if (verb === "agree") await actions.agreeEmbargo(ask, ask.params.id, endsAt)
            else if (verb === "move") await actions.moveEmbargo(ask, ask.params.id, endsAt, why ?? "")
            else await actions.breakEmbargo(ask, ask.params.id, why ?? "")
            return presented(await actions.caseFile(ask, ask.params.id), ask.now)
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/cases/{id}/invitations",
            needs: "case:write",
            does: "Asks a partner to keep this embargo; until it answers it gets nothing of the case",
            params: byId,
            body: Type.Object({ partner: id }, closed),
        },
        async (ask) => {
            await actions.inviteToEmbargo(ask, ask.params.id, ask.body.partner)
            return {}
        },
    ),
]
