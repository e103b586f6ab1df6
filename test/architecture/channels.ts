/**
 * The law of one projection: what a partner may see of a case is decided in one place, joined with what there is in
 * one place, and every channel renders that. No channel keeps or reads a list of its own.
 *
 * What holds it are closed lists: who may decide, what a channel may take, and where partners are answered. Whoever
 * adds a channel finds each of its reaches here, or adds it where a reviewer sees it.
 */
import { isProduct, kindOf, targetOf } from "./imports.ts"
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

const projection = "server/src/share/delivery/actions/project-warnings.ts"

/** What decides. Within its slice anybody takes it; elsewhere these. */
const deciding: Lists = {
    "server/src/share/entitlement/actions/decide-access.ts": {
        // What one partner may have: the projection, and acts upon one thing that a partner names.
        loadEntitlements: [projection],
        // For staff's tasks: which waves would open anything, of no partner.
        listArtifactDecisions: ["server/src/share/release/actions/list-waves.ts"],
        findEntitlement: [
            "server/src/share/delivery/actions/fetch-copy.ts",
            "server/src/share/delivery/actions/report-test-result.ts",
        ],
        listEntitlements: [
            "server/src/share/delivery/actions/fetch-copy.ts",
            "server/src/trace/sightings/actions/list-follow-ups.ts",
        ],
        // What all may have of a case: for the operator, and for whom a wave tells.
        loadMatrix: [
            "server/src/share/release/actions",
            "server/src/trace/planning/actions/",
            "server/src/trace/case-content/actions/delete-content.ts",
            "server/src/trace/statistics/actions/compute-annual-report.ts",
            "server/src/share/marking/actions/estimate-packages.ts",
            "server/src/share/delivery/actions/rehearse-wave.ts",
            "server/src/share/delivery/notices/actions/resend-notices.ts",
            "server/src/share/questions/actions/notify-of-answer.ts",
            "server/src/trace/sightings/actions/list-follow-ups.ts",
            "server/src/trace/sightings/actions/track-follow-ups.ts",
            "server/src/trace/sightings/actions/find-recipients.ts",
        ],
    },
    // What was, for the operator.
    "server/src/share/entitlement/actions/load-past-access.ts": {
        loadPastAccess: ["server/src/trace/inquiries/actions/read-exposure.ts"],
        listAccessChanges: ["server/src/trace/sightings/actions/find-recipients.ts"],
    },
    "server/src/share/entitlement/actions/load-decision-facts.ts": {},
    "server/src/share/entitlement/decide.ts": {},
    "server/src/share/entitlement/matrix.ts": {},
    "server/src/share/entitlement/ruling.ts": {},
    "server/src/share/entitlement/policy-test.ts": {},
}

/** With what a decision is joined: the words of cases, and the heads of artifacts. */
const joined: Lists = {
    "server/src/share/cases/actions/load-case.ts": { listDisclosedFacts: [projection] },
    "server/src/share/artifacts/actions/load-artifacts.ts": {
        listArtifactHeaders: [projection, "server/src/share/delivery/recalls/actions/list-recalls-for-partner.ts"],
    },
}

const channels = "server/src/channels/"
const taxii = [`${channels}taxii/objects.ts`, `${channels}taxii/routes.ts`]
const inAny = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, [channels]]))

/** What a channel takes of share/ and trace/, besides types and nouns. */
const rendering: Lists = {
    [projection]: {
        ...inAny("listWarnings", "partnerOf"),
        // As listWarnings, with a name for what was decided, and that alone.
        loadProjection: taxii.slice(0, 1),
        fingerprintDecisions: taxii.slice(0, 1),
    },
    // The text of a version that the projection names.
    "server/src/share/artifacts/actions/load-artifacts.ts": {
        loadMaster: [`${channels}csaf/documents.ts`, `${channels}misp/event.ts`, ...taxii],
    },
    "server/src/share/marking/actions/mark-copy.ts": { makeCopyText: taxii },
    "server/src/share/marking/actions/load-mark-keys.ts": { listManifests: taxii.slice(0, 1) },
    // Since when it is seen, that it was, by which name, and the own copy of it.
    "server/src/share/feed/actions/read-feed.ts": inAny("readFeed", "readUncachedFeed", "listUndelivered"),
    "server/src/share/feed/actions/serve-leased-page.ts": inAny("findLeasedFeed", "recordLeasedPage", "rememberOwner"),
    "server/src/share/feed/actions/record-page.ts": inAny("recordPage"),
    // That a person has read of a case.
    "server/src/share/cases/actions/record-reads.ts": inAny("recordReads"),
    "server/src/share/delivery/actions/resolve-alias.ts": inAny("commonId", "idOfAlias", "aliasFor"),
    "server/src/share/delivery/actions/fetch-copy.ts": inAny("acknowledge", "fetchCopies", "fetchCopy"),
    "server/src/share/delivery/actions/check-in-flight.ts": inAny("versionOf", "whileVisible"),
    // What a partner did itself, holds, or was asked.
    "server/src/share/delivery/recalls/actions/list-recalls-for-partner.ts": inAny(
        "listDeletionsByPartner",
        "listRecallsForPartner",
    ),
    "server/src/share/delivery/recalls/actions/notify-holders.ts": inAny("confirmDeletion"),
    "server/src/share/delivery/actions/list-receipts.ts": inAny("listReceipts"),
    "server/src/share/delivery/actions/report-test-result.ts": inAny(
        "isTester",
        "loadEntitlementByAlias",
        "findNewestResult",
        "listResultsForPartner",
        "reportTestResult",
    ),
    "server/src/share/cases/actions/answer-invitation.ts": inAny("answerInvitation", "exitEmbargo", "listInvitations"),
    "server/src/share/cases/actions/negotiate-embargo.ts": inAny("proposeAsPartner"),
    "server/src/share/cases/routes/present.ts": inAny("presentInvitation"),
    "server/src/share/cases/schemas.ts": inAny("invitationAnswer"),
    "server/src/trust/publisher-keys/actions/publisher-key.ts": inAny(
        "findPublisherKey",
        "listPublisherKeys",
        "signTexts",
    ),
    "server/src/share/webhooks/actions/webhooks-for-partner.ts": inAny("listWebhooksForPartner"),
    "server/src/trace/inquiries/actions/ask-question.ts": inAny("listQuestionsForPartner"),
    "server/src/trace/measures/actions/send-letter.ts": inAny("listLettersForPartner"),
    "server/src/trace/sightings/actions/post-objects.ts": inAny(
        "deletePostedObject",
        "loadStatusKeys",
        "savePosts",
        "saveStatus",
        "nameOfObject",
        "namesOfObjects",
        "listObjectsForPartner",
        "listObjectsById",
        "loadObjectsFingerprint",
        "listObjectsByName",
        "findStatusForPerson",
        "loadObjectTexts",
    ),
    "server/src/trace/sightings/actions/list-follow-ups.ts": inAny("listOpenFollowUpsForPartner"),
    "server/src/share/questions/actions/ask-operator.ts": inAny("askOperator", "listQuestionsForPartner"),
    "server/src/share/questions/schemas.ts": inAny("newQuestionAnswer", "newQuestionBody", "warningQuestionsAnswer"),
    "server/src/trace/sightings/actions/report-protection.ts": inAny("listProtectionsForPartner", "reportProtection"),
    "server/src/trace/sightings/actions/report-sighting.ts": inAny(
        "listSightingsForPartner",
        "reportSighting",
        "withdrawReport",
    ),
    "server/src/trace/sightings/routes.ts": inAny("presentFollowUp", "presentProtection", "presentSighting"),
    "server/src/trace/sightings/schemas.ts": inAny("followUpFields", "protectionFields", "sightingFields"),
    // How many others say what, of cases that the projection gave.
    "server/src/trace/sightings/actions/count-aggregates.ts": inAny("listAggregates", "loadAggregates"),
}

/** Mail and webhooks say that there is something and never what: of cases they know which waves stand still. */
const isTeller = (file: string): boolean =>
    /^server\/src\/share\/(?:webhooks\/|delivery\/actions\/notices\.ts$)/.test(file)
const telling: Lists = { "server/src/share/waves/actions.ts": { listFrozenWaveIds: ["server/src/share/"] } }

/** Where partners are answered outside of channels/ by what knows cases: of own affairs, and of what is public. */
const answering = [
    "server/src/share/cases/routes/parties.ts",
    "server/src/share/delivery/notices/routes/filters.ts",
    "server/src/share/publication/routes.ts",
    "server/src/share/webhooks/routes.ts",
    "server/src/trace/inquiries/routes/questions.ts",
    "server/src/trace/measures/routes/letters.ts",
    "server/src/trace/statistics/routes.ts",
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
    if (kindOf(to) === "model" || !knowsCases(to)) return faults
    if (from.startsWith(channels) && !isIn(rendering)) {
        faults.push("a channel renders the projection, and reads no cases by itself")
    }
    const isOwn = /^server\/src\/share\/(?:webhooks|delivery)\//.test(to)
    if (isTeller(from) && !isOwn && !isIn(telling)) faults.push("who tells that there is something knows not what")
    return faults
}

const sliceOf = (file: string): string => file.split("/").slice(0, 4).join("/")
const knowsCases = (file: string): boolean => /^server\/src\/(?:share|trace)\//.test(file)

/** Values that a file takes of others of the house, by name. Types are free: they hold nothing. */
export function takenBy({ file, nodes }: Source): Taken[] {
    const taken = (from: string, names: readonly string[]): Taken[] => {
        const to = targetOf(file, from)
        if (!isProduct(to)) return []
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
    const table = house.sources.find(({ file }) => file === "server/src/kernel/permissions.ts")
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
