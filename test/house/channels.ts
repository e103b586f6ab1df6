/**
 * The law of one projection: what a partner may see of a case is decided in one place, joined with what there is in one place,
 * and every channel renders that. No channel keeps or reads a list of its own.
 *
 * What holds it are closed lists: who may decide, what a channel may take, and where partners are answered. Whoever adds a
 * channel finds each of its reaches here, or adds it where a reviewer sees it.
 */
import path from "node:path"
import { fromRoot, kindOf } from "./imports.ts"
import {
    type House,
    type Source,
    at,
    keyOf,
    nameOf,
    nodesUnder,
    product,
    stringsOf,
    tableOf,
    valueOf,
} from "./source.ts"

/** By its file and name: where what is taken of it may stand, as the beginnings of paths. */
type Lists = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>

const delivery = "src/share/delivery/actions"
const projection = `${delivery}/projection.ts`
const owing = "src/trace/sightings/actions"

/** What decides. Within its slice anybody takes it; elsewhere these. */
const deciding: Lists = {
    "src/share/entitlement/actions/entitlements.ts": {
        // What one partner may have: the projection, and acts upon one thing that a partner names.
        decidedFor: [projection],
        // For staff's tasks: which waves would open anything, of no partner.
        decisionsAmong: ["src/share/release/actions.ts"],
        entitlementTo: [`${delivery}/copies.ts`, `${delivery}/results.ts`],
        entitlementsOf: [`${delivery}/copies.ts`, `${owing}/owed.ts`],
        // What all may have of a case: for the operator, and for whom a wave tells.
        matrixOf: [
            ...["src/share/release/actions", "src/trace/planning/actions/", `${delivery}/rehearsing.ts`],
            ...[`${delivery}/telling.ts`, `${owing}/owed.ts`, `${owing}/owing.ts`, `${owing}/reaching.ts`],
        ],
    },
    // What was, for the operator.
    "src/share/entitlement/actions/replaying.ts": {
        couldHave: ["src/trace/inquiries/actions/exposure.ts"],
        changesBetween: [`${owing}/reaching.ts`],
    },
    "src/share/entitlement/actions/ground.ts": {},
    "src/share/entitlement/decide.ts": {},
    "src/share/entitlement/matrix.ts": {},
    "src/share/entitlement/ruling.ts": {},
    "src/share/entitlement/trial.ts": {},
}

/** With what a decision is joined: the words of cases, and the heads of artifacts. */
const joined: Lists = {
    "src/share/cases/actions.ts": { toldOf: [projection] },
    "src/share/artifacts/actions.ts": { headsAmong: [projection, `${delivery}/own-recalls.ts`] },
}

const channels = "src/channels/"
const taxii = [`${channels}taxii/objects.ts`, `${channels}taxii/routes.ts`]
const inAny = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, [channels]]))

/** What a channel takes of share/ and trace/, besides types and nouns. */
const rendering: Lists = {
    [projection]: {
        ...inAny("warningsFor", "partnerOf"),
        // As warningsFor, with a name for what was decided, and that alone.
        ...{ projectionFor: taxii.slice(0, 1), decisionsFor: taxii.slice(0, 1) },
    },
    // The text of a version that the projection names.
    "src/share/artifacts/actions.ts": {
        masterOf: [`${channels}csaf/documents.ts`, `${channels}misp/event.ts`, ...taxii],
    },
    "src/share/marking/actions.ts": { ownText: taxii, manifestsOf: taxii.slice(0, 1) },
    // Since when it is seen, that it was, by which name, and the own copy of it.
    [`${delivery}/shown.ts`]: inAny("shownNow", "keptNow", "seenNow", "freshOf"),
    [`${delivery}/again.ts`]: inAny("mayShow", "recordAgain", "rememberOwner", "underLease"),
    [`${delivery}/serving.ts`]: inAny("recordPage"),
    // That a person has read of a case.
    "src/share/cases/actions/reads.ts": inAny("recordReads"),
    [`${delivery}/names.ts`]: inAny("commonId", "idOfAlias", "aliasFor"),
    [`${delivery}/copies.ts`]: inAny("acknowledge", "fetchCopies", "fetchCopy"),
    [`${delivery}/under-way.ts`]: inAny("versionOf", "whileSeen"),
    // What a partner did itself, holds, or was asked.
    [`${delivery}/own-recalls.ts`]: inAny("deletionsBy", "ownRecalls"),
    [`${delivery}/recalls.ts`]: inAny("confirmDeletion"),
    [`${delivery}/receipts.ts`]: inAny("receiptsOf"),
    [`${delivery}/results.ts`]: inAny("isTester", "assertExists", "newestResult", "ownResults", "reportResult"),
    "src/share/cases/actions/consents.ts": inAny("answerInvitation", "exitEmbargo", "invitationsTo"),
    "src/share/cases/actions/embargo.ts": inAny("proposeAsPartner"),
    "src/share/cases/routes/answers.ts": inAny("invitationAnswer", "presentInvitation"),
    "src/share/publication/actions/signing.ts": inAny("publisherKey", "signTexts"),
    "src/share/webhooks/actions/own.ts": inAny("ownWebhooks"),
    "src/trace/inquiries/actions/questions.ts": inAny("ownQuestions"),
    "src/trace/measures/actions/letters.ts": inAny("ownLetters"),
    [`${owing}/objects.ts`]: inAny(
        ...["deleteOwn", "holdStatuses", "savePosted", "saveStatus", "nameOfObject", "namesOfObjects"],
        ...["ownObjects", "ownObjectsCalled", "ownObjectsFingerprint", "ownObjectsNamed", "ownStatus", "textsOf"],
    ),
    [`${owing}/owed.ts`]: inAny("ownOwed"),
    [`${owing}/protecting.ts`]: inAny("ownProtections", "reportProtection"),
    [`${owing}/reporting.ts`]: inAny("ownSightings", "reportSighting", "takeBackSighting"),
    "src/trace/sightings/routes.ts": inAny(
        ...["presentOwed", "presentProtection", "presentSighting"],
        ...["shownOwed", "shownProtection", "shownSighting"],
    ),
    // How many others say what, of cases that the projection gave.
    [`${owing}/counting.ts`]: inAny("aggregatesAmong", "aggregatesOf"),
}

/** Mail and webhooks say that there is something and never what: of cases they know which waves stand still. */
const isTeller = (file: string): boolean => /^src\/share\/(?:webhooks\/|delivery\/actions\/notices\.ts$)/.test(file)
const telling: Lists = { "src/share/waves/actions.ts": { frozenWaves: ["src/share/"] } }

/** Where partners are answered outside of channels/ by what knows cases: of own affairs, and of what is public. */
const answering = [
    "src/share/cases/routes/parties.ts",
    "src/share/delivery/routes/filters.ts",
    "src/share/publication/routes.ts",
    "src/share/webhooks/routes.ts",
    "src/trace/inquiries/routes/questions.ts",
    "src/trace/measures/routes/letters.ts",
    "src/trace/reports/routes.ts",
]
/** What needs a standing that reaches cases, and shows none. */
const showsNone = ["webhook:write", "notice_filter:write", "vouch:write"]

export interface Taken {
    readonly from: string
    readonly to: string
    /** As it is called where it is exported; `*`: all of it. */
    readonly name: string
}

export function projectionLaw(house: House): string[] {
    const sources = product(house)
    const taken = sources.flatMap(takenBy)
    return [
        ...taken.flatMap((item) =>
            faultsOf(item).map((fault) => `${item.from} takes ${item.name} of ${item.to}: ${fault}`),
        ),
        ...sources.flatMap(askedByHand),
        ...answeredElsewhere(house, sources),
        ...unused(sources, taken),
    ]
}

function faultsOf({ from, to, name }: Taken): string[] {
    const isIn = (lists: Lists) => lists[to]?.[name]?.some((beginning) => from.startsWith(beginning)) === true
    const isKept = to in deciding || (to in joined && (name === "*" || name in (joined[to] ?? {})))
    const faults: string[] = []
    if (isKept && sliceOf(from) !== sliceOf(to) && !isIn(deciding) && !isIn(joined)) {
        faults.push("what partners may see is decided for the projection")
    }
    if (kindOf(to) === "noun" || !knowsCases(to)) return faults
    if (from.startsWith(channels) && !isIn(rendering)) {
        faults.push("a channel renders the projection, and reads no cases by itself")
    }
    const isOwn = /^src\/share\/(?:webhooks|delivery)\//.test(to)
    if (isTeller(from) && !isOwn && !isIn(telling)) faults.push("who tells that there is something knows not what")
    return faults
}

const sliceOf = (file: string): string => file.split("/").slice(0, 3).join("/")
const knowsCases = (file: string): boolean => /^src\/(?:share|trace)\//.test(file)

/** Values that a file takes of others of the house, by name. Types are free: they hold nothing. */
export function takenBy({ file, nodes }: Source): Taken[] {
    const taken = (from: string, names: readonly string[]): Taken[] => {
        if (!from.startsWith(".")) return []
        const to = fromRoot(path.posix.join(path.posix.dirname(file), from))
        return names.map((name) => ({ from: file, to, name }))
    }
    return nodes.flatMap((node): Taken[] => {
        switch (node.type) {
            case "ImportDeclaration": {
                const names = node.specifiers.flatMap((specifier) => {
                    if (specifier.type !== "ImportSpecifier") return ["*"]
                    return specifier.importKind === "type" ? [] : [keyOf(specifier.imported)]
                })
                return node.importKind === "type" ? [] : taken(node.source.value, names)
            }
            case "ExportAllDeclaration":
                return node.exportKind === "type" ? [] : taken(node.source.value, ["*"])
            case "ExportNamedDeclaration": {
                if (!node.source || node.exportKind === "type") return []
                const values = node.specifiers.filter(({ exportKind }) => exportKind !== "type")
                return taken(
                    node.source.value,
                    values.map(({ local }) => keyOf(local)),
                )
            }
            case "ImportExpression":
                return (stringsOf(node.source) ?? []).flatMap((from) => taken(from, ["*"]))
            default:
                return []
        }
    })
}

/** A view may be joined by any store, but a channel is none: it asks the database for nothing. */
function askedByHand(source: Source): string[] {
    if (!source.file.startsWith(channels)) return []
    return source.nodes.flatMap((node) => {
        const callee = node.type === "CallExpression" ? node.callee : null
        const key = callee?.type === "MemberExpression" && !callee.computed ? keyOf(callee.property) : ""
        const isAsked = ["query", "statement", "transaction"].includes(key)
        return isAsked ? [`${at(source, node)}: a channel asks the database for nothing by itself`] : []
    })
}

function answeredElsewhere(house: House, sources: readonly Source[]): string[] {
    const table = house.sources.find(({ file }) => file === "src/trust/identity/access.ts")
    const rows = (table && tableOf(table, "permissions")) ?? []
    const reaching = rows.flatMap(([need, row]) =>
        nodesUnder(row).some((node) => node.type === "Literal" && node.value === "cases") ? [need] : [],
    )
    return sources
        .filter(({ file }) => !file.startsWith(channels))
        .flatMap((source) =>
            source.nodes.flatMap((node) => {
                const definition =
                    node.type === "CallExpression" && nameOf(node.callee) === "route" && node.arguments[0]
                const shown = definition ? (stringsOf(valueOf(definition, "permission")) ?? []) : []
                const isShown = shown.some((need) => reaching.includes(need) && !showsNone.includes(need))
                const isAnswered = isPortals(source, node) && !answering.includes(source.file)
                return isShown || isAnswered
                    ? [`${at(source, node)}: what partners are shown of cases is answered in channels/`]
                    : []
            }),
        )
}

/** `side: "portal"`, or "both", in what knows cases. */
function isPortals({ file }: Source, node: Source["nodes"][number]): boolean {
    if (!knowsCases(file) || node.type !== "Property" || keyOf(node.key) !== "side") return false
    return (stringsOf(node.value) ?? ["both"]).some((side) => side !== "console")
}

/** The lists hold nothing that nobody takes. */
function unused(sources: readonly Source[], taken: readonly Taken[]): string[] {
    if (!sources.some(({ file }) => file === projection)) return []
    return [deciding, joined, rendering, telling].flatMap((lists) =>
        Object.entries(lists).flatMap(([to, names]) =>
            Object.entries(names).flatMap(([name, beginnings]) =>
                beginnings
                    .filter((beginning) => {
                        const isIt = (item: Taken) =>
                            item.to === to && item.name === name && item.from.startsWith(beginning)
                        return !taken.some(isIt)
                    })
                    .map((beginning) => `${beginning} may take ${name} of ${to}, and does not`),
            ),
        ),
    )
}
