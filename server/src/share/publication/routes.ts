/**
 * HTTP routes of the public side: pages, CSAF provider files and feeds, without sign-in and only for published cases.
 * Routes of the operator preview publications.
 */
import { Type } from "typebox"
import { atomPath, listPath, pageStyle, stylePath } from "@tocsin/formats/advisory/page"
import { type CsafVersion, publicCollection } from "@tocsin/formats/csaf/document"
import { feedPath, metadataPath, openPgpPath, publicOffer } from "@tocsin/formats/csaf/provider"
import { type Route, type Text, hide } from "../../kernel/route.ts"
import { publicText as answer } from "../../platform/http/public-text.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { foreseen } from "./actions/preview-publication.ts"
import { signedText } from "./actions/load-signed-text.ts"
import {
    type PublicList,
    atom,
    directory,
    lines,
    metadata,
    pageOfAll,
    publicDocument,
    publicKeyText,
    rolie,
    security,
    service,
    yearDirectory,
} from "./actions/read-public.ts"
import { html, json } from "./documents.ts"
import { byId } from "../../kernel/schemas.ts"
import { part, publicationAnswer, publicationTextAnswer } from "./schemas.ts"

const plain = "text/plain; charset=utf-8"
const listed = async (publicList: Promise<PublicList>, type: string): Promise<Text> => {
    const { bytes, at, hash } = await publicList
    return answer(bytes, type, at, hash)
}

const metadataText = async (ctx: ActionContext, version: CsafVersion): Promise<Text> => {
    const { text, at } = await metadata(ctx, version)
    return answer(text, json, at)
}

async function served(ctx: ActionContext, path: string): Promise<Text> {
    const input = (await publicDocument(ctx, path)) ?? hide()
    return answer(input.text, input.type, input.at)
}

type Handler = (ctx: ActionContext) => Promise<Text>
const get = { method: "GET", side: "portal" } as const
/** CSAF files, which pages of other sites may read (CSAF 2.1, section 7.1, requirement 25). */
const getFromAnySite = { ...get, forAnySite: true } as const

/** A fixed public address. */
const open = (path: string, does: string, handler: Handler): Route<ActionContext> =>
    route({ ...get, path, permission: "public", summary: does }, handler)
const openToSites = (path: string, does: string, handler: Handler): Route<ActionContext> =>
    route({ ...getFromAnySite, path, permission: "public", summary: does }, handler)

async function yearOf(ctx: ActionContext, version: CsafVersion, year: string): Promise<Text> {
    const publicList = (/^\d{4}$/.test(year) && (await yearDirectory(ctx, version, year))) || hide()
    return answer(publicList.bytes, html, publicList.at, publicList.hash)
}

function csafRoutes(version: CsafVersion): Route<ActionContext>[] {
    const collection = publicCollection(version)
    const { folder } = collection
    const offer = publicOffer(version)
    return [
        openToSites(offer.canonical, `Who publishes, and where (CSAF ${version})`, (ctx) => metadataText(ctx, version)),
        openToSites(offer.service, `Which feeds of CSAF ${version} there are`, async (ctx) =>
            answer(service(ctx, version), json, null),
        ),
        openToSites(`${folder}/index.txt`, `Every CSAF ${version} document`, (ctx) =>
            listed(lines(ctx, "index"), plain),
        ),
        openToSites(`${folder}/changes.csv`, `When each CSAF ${version} document was released`, (ctx) =>
            listed(lines(ctx, `changes_${version}`), "text/csv; charset=utf-8"),
        ),
        openToSites(feedPath(collection), `The feed of all CSAF ${version} documents`, (ctx) =>
            listed(rolie(ctx, version), json),
        ),
        // Both with and without a slash, since redirects are not allowed.
        ...[folder, `${folder}/`].map((path) =>
            openToSites(path, `The folder of all CSAF ${version} documents, as a page`, (ctx) =>
                listed(directory(ctx, version, path), html),
            ),
        ),
        route(
            {
                ...getFromAnySite,
                permission: "public",
                path: `${folder}/{year}/`,
                summary: `The folder of a year's CSAF ${version} documents, as a page`,
                params: Type.Object({ year: part }),
            },
            (ask) => yearOf(ask, version, ask.params.year),
        ),
        route(
            {
                ...getFromAnySite,
                permission: "public",
                path: `${folder}/{year}/{name}`,
                summary: `A CSAF ${version} document, its hashes and its signature`,
                params: Type.Object({ year: part, name: part }),
            },
            (ask) => served(ask, `${folder}/${ask.params.year}/${ask.params.name}`),
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
        async (ask) => {
            const { faults, ...found } = await foreseen(ask, ask.params.id)
            return { ...found, faults: faults.map((foundFault) => ({ ...foundFault, forms: [...foundFault.forms] })) }
        },
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
        async (ask) => {
            const text = await signedText(ask, ask.params.id)
            return { text: text && { ...text, denials: [...text.denials] } }
        },
    ),
]

/** Public documents, which are text. */
export const publicRoutes: readonly Route<ActionContext>[] = [
    openToSites(metadataPath, "Who publishes, and where (CSAF)", (ctx) => metadataText(ctx, "2.0")),
    openToSites("/.well-known/security.txt", "Whom to tell of a vulnerability (RFC 9116)", async (ctx) =>
        answer(security(ctx), plain, null),
    ),
    openToSites(openPgpPath, "The key that documents are signed with", async (ctx) => {
        const { text, at } = (await publicKeyText(ctx)) ?? hide()
        return answer(text, "application/pgp-keys", at)
    }),
    ...csafRoutes("2.0"),
    ...csafRoutes("2.1"),
    open(stylePath, "How pages look", async () => answer(pageStyle, "text/css; charset=utf-8", null)),
    open(atomPath, "What was published, as an Atom feed", (ctx) => listed(atom(ctx), "application/atom+xml")),
    open(listPath, "What was published, as a page", (ctx) => listed(pageOfAll(ctx), html)),
    route(
        {
            ...get,
            permission: "public",
            path: "/advisories/{id}",
            summary: "An advisory, as a page",
            params: Type.Object({ id: part }),
        },
        (ask) => served(ask, `/advisories/${ask.params.id}`),
    ),
    route(
        {
            ...get,
            permission: "public",
            path: "/advisories/{id}/{name}",
            summary: "A CVE or OSV record of an advisory",
            params: Type.Object({ id: part, name: part }),
        },
        (ask) => served(ask, `/advisories/${ask.params.id}/${ask.params.name}`),
    ),
]
