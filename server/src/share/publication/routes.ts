/**
 * HTTP routes of the public side: pages, CSAF provider files and feeds, without sign-in and only for published cases.
 * Routes of the operator preview publications.
 */
import { Type } from "typebox"
import { atomPath, listPath, programPath, stylePath } from "@tocsin/formats/advisory/public-page"
import { pageStyle } from "@tocsin/formats/advisory/page-style"
import { type CsafVersion, publicCollection } from "@tocsin/formats/csaf/document"
import { feedPath, metadataPath, openPgpPath, publicOffer } from "@tocsin/formats/csaf/provider"
import { type Route, type TextAnswer, hide } from "../../kernel/route.ts"
import { publicText as answer } from "../../platform/http/public-text.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { previewCorrection } from "./actions/preview-correction.ts"
import { previewPublication } from "./actions/preview-publication.ts"
import { loadSignedText } from "./actions/load-signed-text.ts"
import {
    type PublicList,
    loadAtomFeed,
    loadDirectory,
    loadLines,
    loadProviderMetadata,
    loadListPage,
    findPublicDocument,
    findPublicKeyText,
    loadRolieFeed,
    publisher,
    securityTxt,
    serviceText,
    findYearDirectory,
} from "./actions/read-public.ts"
import { proposedShape } from "./correction.ts"
import { html, json } from "./documents.ts"
import { renderProgram } from "./program-page.ts"
import { loadRules } from "../../trust/partners/actions/set-program-rules.ts"
import { byId } from "../../kernel/schemas.ts"
import { pathPart, previewCorrectionBody, publicationAnswer, publicationTextAnswer } from "./schemas.ts"

const plain = "text/plain; charset=utf-8"
const answerList = async (publicList: Promise<PublicList>, type: string): Promise<TextAnswer> => {
    const { bytes, at, hash } = await publicList
    return answer(bytes, type, at, hash)
}

const answerMetadata = async (ctx: ActionContext, version: CsafVersion): Promise<TextAnswer> => {
    const { text, at } = await loadProviderMetadata(ctx, version)
    return answer(text, json, at)
}

async function answerDocument(ctx: ActionContext, path: string): Promise<TextAnswer> {
    const document = (await findPublicDocument(ctx, path)) ?? hide()
    return answer(document.text, document.type, document.at)
}

type Handler = (ctx: ActionContext) => Promise<TextAnswer>
const get = { method: "GET", side: "portal" } as const
/** CSAF files, which pages of other sites may read (CSAF 2.1, section 7.1, requirement 25). */
const getFromAnySite = { ...get, forAnySite: true } as const

/** A fixed public address. */
const publicRoute = (path: string, summary: string, handler: Handler): Route<ActionContext> =>
    route({ ...get, path, permission: "public", summary }, handler)
const publicRouteForAnySite = (path: string, summary: string, handler: Handler): Route<ActionContext> =>
    route({ ...getFromAnySite, path, permission: "public", summary }, handler)

async function answerYear(ctx: ActionContext, version: CsafVersion, year: string): Promise<TextAnswer> {
    const publicList = (/^\d{4}$/.test(year) && (await findYearDirectory(ctx, version, year))) || hide()
    return answer(publicList.bytes, html, publicList.at, publicList.hash)
}

function csafRoutes(version: CsafVersion): Route<ActionContext>[] {
    const collection = publicCollection(version)
    const { folder } = collection
    const offer = publicOffer(version)
    return [
        publicRouteForAnySite(offer.canonical, `Returns the CSAF ${version} provider metadata`, (ctx) =>
            answerMetadata(ctx, version),
        ),
        publicRouteForAnySite(offer.service, `Lists the CSAF ${version} feeds`, async (ctx) =>
            answer(serviceText(ctx, version), json, null),
        ),
        publicRouteForAnySite(`${folder}/index.txt`, `Every CSAF ${version} document`, (ctx) =>
            answerList(loadLines(ctx, "index"), plain),
        ),
        publicRouteForAnySite(
            `${folder}/changes.csv`,
            `Lists the release instants of CSAF ${version} documents`,
            (ctx) => answerList(loadLines(ctx, `changes_${version}`), "text/csv; charset=utf-8"),
        ),
        publicRouteForAnySite(feedPath(collection), `Returns the feed of all CSAF ${version} documents`, (ctx) =>
            answerList(loadRolieFeed(ctx, version), json),
        ),
        // Both with and without a slash, since redirects are not allowed.
        ...[folder, `${folder}/`].map((path) =>
            publicRouteForAnySite(path, `Returns the folder of all CSAF ${version} documents, as a page`, (ctx) =>
                answerList(loadDirectory(ctx, version, path), html),
            ),
        ),
        route(
            {
                ...getFromAnySite,
                permission: "public",
                path: `${folder}/{year}/`,
                summary: `Returns the folder of a year's CSAF ${version} documents, as a page`,
                params: Type.Object({ year: pathPart }),
            },
            (ctx) => answerYear(ctx, version, ctx.params.year),
        ),
        route(
            {
                ...getFromAnySite,
                permission: "public",
                path: `${folder}/{year}/{name}`,
                summary: `Returns a CSAF ${version} document, its hashes and its signature`,
                params: Type.Object({ year: pathPart, name: pathPart }),
            },
            (ctx) => answerDocument(ctx, `${folder}/${ctx.params.year}/${ctx.params.name}`),
        ),
    ]
}

/** Routes of the console. */
export const routes = [
    route(
        {
            method: "GET",
            side: "console",
            path: "/api/cases/{id}/publication",
            permission: "case:read",
            summary: "Returns whether a case is published, and the faults for which its next document would be refused",
            params: byId,
            answer: publicationAnswer,
        },
        async (ctx) => {
            const { faults, ...found } = await previewPublication(ctx, ctx.params.id)
            return { ...found, faults: [...faults] }
        },
    ),
    route(
        {
            method: "POST",
            side: "console",
            path: "/api/cases/{id}/publication/preview-correction",
            permission: "case:write",
            summary: "Previews a correction of a published advisory: its page and documents, before and after",
            params: byId,
            body: previewCorrectionBody,
            answer: proposedShape,
        },
        async ({ params, body: { details = null, texts }, ...ctx }) =>
            await previewCorrection(ctx, params.id, { details, texts }),
    ),
    route(
        {
            method: "GET",
            side: "console",
            path: "/api/approvals/{id}/publication",
            permission: "approval:sign",
            summary:
                "Returns the text that an approval publishes, for a person who can sign it, and whether it " +
                "denies reported " +
                "exploitation; recorded as a read without marks",
            params: byId,
            answer: publicationTextAnswer,
        },
        async (ctx) => {
            const text = await loadSignedText(ctx, ctx.params.id)
            return { text: text && { ...text, denials: [...text.denials] } }
        },
    ),
]

/** Public documents, which are text. */
export const publicRoutes: readonly Route<ActionContext>[] = [
    publicRouteForAnySite(metadataPath, "Returns the CSAF provider metadata", (ctx) => answerMetadata(ctx, "2.0")),
    publicRouteForAnySite(
        "/.well-known/security.txt",
        "Returns the contact for vulnerability reports (RFC 9116)",
        async (ctx) => answer(securityTxt(ctx), plain, null),
    ),
    publicRouteForAnySite(openPgpPath, "Returns the key that signs documents", async (ctx) => {
        const { text, at } = (await findPublicKeyText(ctx)) ?? hide()
        return answer(text, "application/pgp-keys", at)
    }),
    route(
        {
            ...getFromAnySite,
            permission: "public",
            path: "/csaf/openpgp/{name}",
            summary: "Returns a key that signs documents or has signed them, revoked if it was revoked",
            params: Type.Object({ name: pathPart }),
        },
        async ({ params: { name }, ...ctx }) => {
            const [, fingerprint = hide()] = /^([0-9A-F]{40})\.asc$/.exec(name) ?? []
            const { text, at } = (await findPublicKeyText(ctx, fingerprint)) ?? hide()
            return answer(text, "application/pgp-keys", at)
        },
    ),
    ...csafRoutes("2.0"),
    ...csafRoutes("2.1"),
    route(
        { ...get, side: "both", path: stylePath, permission: "public", summary: "Returns the style of public pages" },
        async () => answer(pageStyle, "text/css; charset=utf-8", null),
    ),
    publicRoute(atomPath, "Lists the advisories, as an Atom feed", (ctx) =>
        answerList(loadAtomFeed(ctx), "application/atom+xml"),
    ),
    publicRoute(programPath, "Returns how the program works and its admission criteria, as a page", async (ctx) => {
        const { rules } = await loadRules(ctx, "admission")
        return answer(renderProgram(publisher(ctx), rules.criteria), html, null)
    }),
    publicRoute(listPath, "Lists the advisories, as a page", (ctx) => answerList(loadListPage(ctx), html)),
    route(
        {
            ...get,
            permission: "public",
            path: "/advisories/{id}",
            summary: "Returns an advisory, as a page",
            params: Type.Object({ id: pathPart }),
        },
        (ctx) => answerDocument(ctx, `/advisories/${ctx.params.id}`),
    ),
    route(
        {
            ...get,
            permission: "public",
            path: "/advisories/{id}/{name}",
            summary: "Returns a CVE or OSV record of an advisory",
            params: Type.Object({ id: pathPart, name: pathPart }),
        },
        (ctx) => answerDocument(ctx, `/advisories/${ctx.params.id}/${ctx.params.name}`),
    ),
]
