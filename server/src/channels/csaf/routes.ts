/**
 * Serves each partner a CSAF provider with its visible documents before publication, by label, with all parts of a
 * trusted provider. Each read is decided and recorded, as with TAXII. Nothing is stored.
 */
import { createHash } from "node:crypto"
import { Type } from "typebox"
import { revisedAt } from "@tocsin/formats/advisory/advisory"
import type { Json } from "@tocsin/base/canonical"
import { type CsafVersion, type Collection, csafFile, csafVersions } from "@tocsin/formats/csaf/document"
import { directoryPage, yearPage } from "@tocsin/formats/csaf/directory"
import {
    changesLine,
    feedEntry,
    feedPath,
    indexLine,
    providerMetadata,
    rolieFeed,
    serviceDocument,
} from "@tocsin/formats/csaf/provider"
import type { Instant } from "@tocsin/base/instant"
import { type Route, TextAnswer, hide } from "../../kernel/route.ts"
import { publisherOf } from "../../platform/config/publisher.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { partnerOf } from "../../share/delivery/actions/project-warnings.ts"
import { recordPage } from "../../share/feed/actions/record-page.ts"
import type { ReadonlyFeedEntry } from "../../share/feed/rows.ts"
import { readUncachedFeed } from "../../share/feed/actions/read-feed.ts"
import { type RevocableText, versionOf, whileVisible } from "../../share/delivery/actions/check-in-flight.ts"
import { html, json } from "../../share/publication/documents.ts"
import { findPublisherKey, listPublisherKeys, signTexts } from "../../trust/publisher-keys/actions/publisher-key.ts"
import { keysChangedAt, listedKeys } from "../../trust/publisher-keys/publisher-key.ts"
import { type PartnerDocument, listPartnerDocuments, documentText } from "./documents.ts"
import { type PartnerLabel, partnerLabels, partnerOffer, collectionOf } from "./collections.ts"

const plainText = "text/plain; charset=utf-8"
const pathPart = Type.String({ minLength: 1, maxLength: 200 })
const portalGet = { side: "portal", method: "GET" } as const

/** The date of an empty feed. */
const epoch: Instant = 0

const publisher = ({ services }: ActionContext) => publisherOf(services.publisherSettings, services.portalOrigin)
const jsonAnswer = (value: Json): TextAnswer => new TextAnswer(`${JSON.stringify(value, null, 2)}\n`, json)

/** Lists what this person may see under a label, newest first. */
async function listVisibleDocuments(
    ctx: ActionContext,
    label: PartnerLabel,
): Promise<ReadonlyFeedEntry<PartnerDocument>[]> {
    const listDocuments = (current: ActionContext) => listPartnerDocuments(current, partnerOf(ctx).partner)
    const views = await readUncachedFeed(
        ctx,
        "csaf",
        listDocuments,
        ({ advisory, version }) => `csaf ${advisory.id} ${version}`,
    )
    return views
        .filter(({ item: document }) => document.label === label)
        .toSorted((a, b) => revisedAt(b.item.advisory) - revisedAt(a.item.advisory) || (idOf(a) < idOf(b) ? -1 : 1))
}

const idOf = ({ item: document }: ReadonlyFeedEntry<PartnerDocument>): string => document.advisory.id

/** Records which cases the answer concerns, before it is sent. An empty answer records nothing. */
async function recordListing(
    ctx: ActionContext,
    kind: string,
    views: readonly ReadonlyFeedEntry<PartnerDocument>[],
    answer: TextAnswer,
): Promise<RevocableText> {
    const [first] = views
    if (!first) return answer
    await recordPage(ctx, {
        channel: "csaf",
        collection: `${first.item.label} ${kind}`,
        hashInput: answer.text,
        masters: [],
        fresh: [],
        freshAt: [],
        cases: [...new Set(views.map((view) => view.item.master.case))],
    })
    return cutWhenHidden(views, answer)
}

function cutWhenHidden(views: readonly ReadonlyFeedEntry<PartnerDocument>[], answer: TextAnswer): RevocableText {
    const cases = [...new Set(views.map((view) => view.item.master.case))]
    return whileVisible(answer, { cases, versions: views.map((view) => versionOf(view.item.master)) })
}

/** Builds a feed. An entry's date is the later of its release to the reader and its last change. */
async function serveFeed(ctx: ActionContext, label: PartnerLabel, collection: Collection): Promise<RevocableText> {
    const isSigned = (await findPublisherKey(ctx)) !== null
    const documents = (await listVisibleDocuments(ctx, label)).map((view) => ({
        ...view,
        at: Math.floor(view.added / 1000),
    }))
    const entries = documents
        .toSorted((a, b) => b.added - a.added)
        .map(({ item: document, at }) => {
            const updated = Math.max(at, revisedAt(document.advisory))
            return { updated, text: feedEntry(document.advisory, { collection, isSigned, hasPage: false, updated }) }
        })
    const newest = Math.max(epoch, ...entries.map(({ updated }) => updated))
    const body = entries.map(({ text }) => text).join(",\n")
    const text = rolieFeed(
        publisher(ctx),
        { collection, service: partnerOffer(collection.version).service },
        newest,
        body,
    )
    return await recordListing(ctx, "feed", documents, new TextAnswer(text, json))
}

/** Serves a file of a collection, its hash or its signature. Missing and hidden files get the same answer. */
async function serveFile(
    ctx: ActionContext,
    label: PartnerLabel,
    version: CsafVersion,
    path: string,
): Promise<RevocableText> {
    const suffix = /\.(?:sha256|sha512|asc)$/.exec(path)?.[0] ?? ""
    const stem = path.slice(0, path.length - suffix.length)
    const view =
        (await listVisibleDocuments(ctx, label)).find(({ item: document }) => csafFile(document.advisory) === stem) ??
        hide()
    const text = documentText(view.item, version)
    if (suffix !== "") {
        const name = stem.slice(stem.indexOf("/") + 1)
        const companion = suffix === ".asc" ? await signDocument(ctx, view.item, text) : hashLine(suffix, text, name)
        return await recordListing(ctx, suffix.slice(1), [view], new TextAnswer(companion, plainText))
    }
    const { master } = view.item
    await recordPage(ctx, {
        channel: "csaf",
        collection: `${label} document`,
        hashInput: text,
        cases: [master.case],
        masters: [master],
        ...(view.delivered ? { fresh: [], freshAt: [] } : { fresh: [{ master }], freshAt: [view.added] }),
    })
    return cutWhenHidden([view], new TextAnswer(text, json))
}

function hashLine(suffix: string, text: string, name: string): string {
    return `${createHash(suffix.slice(1)).update(text, "utf8").digest("hex")}  ${name}\n`
}

/** Signs as of the document's own instant, so that every request gets the same bytes. */
async function signDocument(ctx: ActionContext, { advisory }: PartnerDocument, text: string): Promise<string> {
    if ((await findPublisherKey(ctx)) === null) hide()
    const [signature = ""] = (await signTexts(ctx, [text], revisedAt(advisory))).signatures
    return signature
}

const filesOf = (views: readonly ReadonlyFeedEntry<PartnerDocument>[]): string[] =>
    views.map((view) => csafFile(view.item.advisory))

async function serveDirectory(
    ctx: ActionContext,
    label: PartnerLabel,
    collection: Collection,
    address: string,
): Promise<RevocableText> {
    const views = await listVisibleDocuments(ctx, label)
    return await recordListing(
        ctx,
        "directory",
        views,
        new TextAnswer(directoryPage(collection, filesOf(views), address), html),
    )
}

/** Serves a year's directory. A year without documents for this partner does not exist. */
async function serveYear(
    ctx: ActionContext,
    label: PartnerLabel,
    collection: Collection,
    year: string,
): Promise<RevocableText> {
    const views = (await listVisibleDocuments(ctx, label)).filter((view) =>
        csafFile(view.item.advisory).startsWith(`${year}/`),
    )
    const isSigned = (await findPublisherKey(ctx)) !== null
    const page = yearPage(collection, year, filesOf(views), isSigned) ?? hide()
    return await recordListing(ctx, "directory", views, new TextAnswer(page, html))
}

function collectionRoutes(label: PartnerLabel, version: CsafVersion): Route<ActionContext>[] {
    const collection = collectionOf(label, version)
    const { folder } = collection
    const listRoute = (path: string, summary: string, answer: (ctx: ActionContext) => Promise<RevocableText>) =>
        route(
            {
                ...portalGet,
                path,
                permission: "copy:read",
                scope: "poll",
                summary: `CSAF ${version} for this partner: ${summary}`,
            },
            answer,
        )
    const linesRoute = (name: string, type: string, line: (document: PartnerDocument) => string) =>
        listRoute(`${folder}/${name}`, `${name} of TLP:${collection.label}`, async (ctx) => {
            const views = await listVisibleDocuments(ctx, label)
            const text = views.map((view) => line(view.item)).join("")
            return await recordListing(ctx, name.replace(/\.\w+$/, ""), views, new TextAnswer(text, type))
        })
    return [
        listRoute(feedPath(collection), `the feed of TLP:${collection.label}`, (ctx) =>
            serveFeed(ctx, label, collection),
        ),
        linesRoute("index.txt", plainText, ({ advisory }) => indexLine(advisory)),
        linesRoute("changes.csv", "text/csv; charset=utf-8", ({ advisory }) => changesLine(advisory, version)),
        ...[folder, `${folder}/`].map((path) =>
            listRoute(path, `the directory of TLP:${collection.label}`, (ctx) =>
                serveDirectory(ctx, label, collection, path),
            ),
        ),
        route(
            {
                ...portalGet,
                path: `${folder}/{year}/`,
                permission: "copy:read",
                scope: "poll",
                summary: `CSAF ${version} for this partner: returns the directory of a year of TLP:${collection.label}`,
                params: Type.Object({ year: pathPart }, { additionalProperties: false }),
            },
            (ctx) => serveYear(ctx, label, collection, ctx.params.year),
        ),
        route(
            {
                ...portalGet,
                path: `${folder}/{year}/{name}`,
                permission: "copy:read",
                summary:
                    `CSAF ${version} for this partner: returns a document, its hashes and its signature, and ` +
                    "records it first",
                params: Type.Object({ year: pathPart, name: pathPart }, { additionalProperties: false }),
            },
            (ctx) => serveFile(ctx, label, version, `${ctx.params.year}/${ctx.params.name}`),
        ),
    ]
}

export const routes: readonly Route<ActionContext>[] = [
    ...csafVersions.map((version) =>
        route(
            {
                ...portalGet,
                path: partnerOffer(version).canonical,
                permission: "warning:read",
                summary: `CSAF ${version} for this partner: returns the provider metadata`,
            },
            async (ctx) => {
                const keys = await listPublisherKeys(ctx)
                const at = keysChangedAt(keys, ctx.now) ?? epoch
                // Returns the same metadata whatever there is to read, so that it reveals nothing.
                return jsonAnswer(
                    providerMetadata(publisher(ctx), partnerOffer(version), listedKeys(keys, ctx.now), at),
                )
            },
        ),
    ),
    ...csafVersions.map((version) =>
        route(
            {
                ...portalGet,
                path: partnerOffer(version).service,
                permission: "warning:read",
                summary: `CSAF ${version} for this partner: lists the feeds`,
            },
            async (ctx) => jsonAnswer(serviceDocument(publisher(ctx), "CSAF feeds for you", partnerOffer(version))),
        ),
    ),
    ...csafVersions.flatMap((version) => partnerLabels.flatMap((label) => collectionRoutes(label, version))),
]
