/** Routes of statistics: figures and exports for staff, and the public annual reports. */
import { csvOf } from "../../models/csv.ts"
import { formatInstant } from "@tocsin/base/instant"
import { type Route, Text, hide } from "../../kernel/route.ts"
import { publicText } from "../../platform/http/public-text.ts"
import { publisherOf } from "../../platform/config/publisher.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { figuresFor } from "./actions/compute-statistics.ts"
import { noteExport, publishReport, publishedYears } from "./actions/publish-annual-report.ts"
import { type Figure } from "./figures.ts"
import { heads, reportPage, reportPath, rowOf, yearHeads, yearRows } from "./page.ts"
import {
    ofQuarter,
    ofYear,
    publishStatisticAnswer,
    publishStatisticBody,
    statisticAnswer,
    statisticsAnswer,
} from "./schemas.ts"

const console = { side: "console" as const }

const periodOf = (params: { year: string }, query: { quarter?: string | undefined }) => ({
    year: Number(params.year),
    quarter: query.quarter === undefined ? null : Number(query.quarter),
})

const csvType = "text/csv; charset=utf-8"
const jsonType = "application/json"

/** Serves a download that no browser displays. */
const attached = (text: string, type: string, name: string): Text =>
    new Text(text, type, {
        "content-disposition": `attachment; filename="${name}"`,
        "cache-control": "no-store",
        "content-security-policy": "sandbox; default-src 'none'",
    })

function written(form: "csv" | "json", name: string, figures: readonly Figure[], about: object): Text {
    if (form === "csv") return attached(csvOf([heads, ...figures.map(rowOf)]), csvType, `${name}.csv`)
    return attached(`${JSON.stringify({ ...about, figures }, null, 2)}\n`, jsonType, `${name}.json`)
}

export const routes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/statistics",
            permission: "statistics:read",
            summary: "Lists the published years, newest first, with person and instant",
            answer: statisticsAnswer,
        },
        async (ask) => ({
            published: (await publishedYears(ask)).map((publishedYear) => ({
                year: publishedYear.year,
                by: publishedYear.by,
                at: formatInstant(publishedYear.at),
            })),
        }),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/statistics/{year}",
            permission: "statistics:read",
            summary:
                "Returns the figures of a year or a quarter of published cases; figures about partners need a group",
            params: ofYear,
            query: ofQuarter,
            answer: statisticAnswer,
        },
        async (ask) => await figuresFor(ask, periodOf(ask.params, ask.query)),
    ),
    ...(["csv", "json"] as const).map((form) =>
        route(
            {
                ...console,
                method: "GET",
                path: `/api/statistics/{year}/export.${form}`,
                permission: "statistics:read",
                summary: `Exports the figures as ${form.toUpperCase()}, safe to open, and records it`,
                params: ofYear,
                query: ofQuarter,
            },
            async (ask) => {
                const { year, quarter } = periodOf(ask.params, ask.query)
                const { figures, groupMin } = await figuresFor(ask, { year, quarter })
                await noteExport(ask, year, quarter, form)
                const name = `report-${year}${quarter === null ? "" : `-q${quarter}`}`
                return written(form, name, figures, { year, quarter, groupMin })
            },
        ),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/statistics/{year}/publish",
            permission: "statistics:publish",
            summary: "Publishes the public figures of a year that is over; needs a second signature",
            params: ofYear,
            body: publishStatisticBody,
            answer: publishStatisticAnswer,
        },
        async ({ params, body, ...ctx }) => await publishReport(ctx, Number(params.year), body.approval),
    ),
]

/** Answers as not found before a year is published. The answer is the same for all readers. */
function open(
    suffix: string,
    does: string,
    type: string,
    text: (ctx: ActionContext, entries: Years) => string,
): Route<ActionContext> {
    return route(
        { method: "GET", path: `${reportPath}${suffix}`, side: "portal", permission: "public", summary: does },
        async (ctx) => {
            const years = await publishedYears(ctx)
            if (years.length === 0) hide()
            return publicText(text(ctx, years), type, Math.max(...years.map(({ at }) => at)))
        },
    )
}

type Years = Awaited<ReturnType<typeof publishedYears>>

export const publicReportRoutes = [
    open("", "The public report, as a page", "text/html; charset=utf-8", ({ services }, years) =>
        reportPage(publisherOf(services.publishing, services.portalOrigin).name, years),
    ),
    open(".csv", "The public report as CSV", csvType, (_, years) => csvOf([yearHeads, ...yearRows(years)])),
    open(".json", "The public report as JSON", jsonType, (_, years) => {
        const reports = years.map((year) => ({ year: year.year, at: formatInstant(year.at), figures: year.figures }))
        return `${JSON.stringify({ reports }, null, 2)}\n`
    }),
]
