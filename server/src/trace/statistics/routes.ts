/** Routes of statistics: figures and exports for staff, and the public annual reports. */
import { annualReportPath } from "@tocsin/formats/advisory/public-page"
import { csvOf } from "../../models/csv.ts"
import { formatInstant } from "@tocsin/base/instant"
import { type Route, TextAnswer, hide } from "../../kernel/route.ts"
import { publicText } from "../../platform/http/public-text.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { publisher } from "../../share/publication/actions/read-public.ts"
import { computeAnnualFigures } from "./actions/compute-annual-report.ts"
import { computeFigures } from "./actions/compute-statistics.ts"
import { recordExport, publishAnnualReport, listAnnualReports } from "./actions/publish-annual-report.ts"
import { type Figure } from "./figures.ts"
import { renderAnnualReport, renderNoReport } from "./annual-report-page.ts"
import { columnTitles, rowOf, yearColumnTitles, yearRows } from "./figure-rows.ts"
import {
    quarterQuery,
    byYear,
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

const html = "text/html; charset=utf-8"
const csvType = "text/csv; charset=utf-8"
const jsonType = "application/json"

/** Serves a download that no browser displays. */
const attachment = (text: string, type: string, name: string): TextAnswer =>
    new TextAnswer(text, type, {
        "content-disposition": `attachment; filename="${name}"`,
        "cache-control": "no-store",
        "content-security-policy": "sandbox; default-src 'none'",
    })

function exportOf(format: "csv" | "json", name: string, figures: readonly Figure[], metadata: object): TextAnswer {
    if (format === "csv") return attachment(csvOf([columnTitles, ...figures.map(rowOf)]), csvType, `${name}.csv`)
    return attachment(`${JSON.stringify({ ...metadata, figures }, null, 2)}\n`, jsonType, `${name}.json`)
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
        async (ctx) => ({
            published: (await listAnnualReports(ctx)).map((report) => ({
                year: report.year,
                by: report.by,
                at: formatInstant(report.at),
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
            params: byYear,
            query: quarterQuery,
            answer: statisticAnswer,
        },
        async (ctx) => await computeFigures(ctx, periodOf(ctx.params, ctx.query)),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/statistics/{year}/annual-report",
            permission: "statistics:read",
            summary: "Returns the public page of a year as it would be published now, with the figures of today",
            params: byYear,
        },
        async (ctx) => {
            const year = Number(ctx.params.year)
            const figures = await computeAnnualFigures(ctx, year)
            const years = (await listAnnualReports(ctx)).map((report) => report.year)
            return publicText(
                renderAnnualReport({ year, at: null, figures, years, publisher: publisher(ctx) }),
                html,
                null,
                undefined,
                "no-store",
            )
        },
    ),
    ...(["csv", "json"] as const).map((format) =>
        route(
            {
                ...console,
                method: "GET",
                path: `/api/statistics/{year}/export.${format}`,
                permission: "statistics:read",
                summary: `Exports the figures as ${format.toUpperCase()}, safe to open, and records it`,
                params: byYear,
                query: quarterQuery,
            },
            async (ctx) => {
                const { year, quarter } = periodOf(ctx.params, ctx.query)
                const { figures, groupMin } = await computeFigures(ctx, { year, quarter })
                await recordExport(ctx, year, quarter, format)
                const name = `report-${year}${quarter === null ? "" : `-q${quarter}`}`
                return exportOf(format, name, figures, { year, quarter, groupMin })
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
            params: byYear,
            body: publishStatisticBody,
            answer: publishStatisticAnswer,
        },
        async ({ params, body, ...ctx }) => await publishAnnualReport(ctx, Number(params.year), body.approval),
    ),
]

/** Answers as not found before a year is published. The answer is the same for all readers. */
function publicReportRoute(
    suffix: string,
    summary: string,
    type: string,
    render: (reports: AnnualReports) => string,
): Route<ActionContext> {
    return route(
        { method: "GET", path: `${annualReportPath}${suffix}`, side: "portal", permission: "public", summary },
        async (ctx) => {
            const reports = await listAnnualReports(ctx)
            if (reports.length === 0) hide()
            return publicText(render(reports), type, newestAt(reports))
        },
    )
}

type AnnualReports = Awaited<ReturnType<typeof listAnnualReports>>

const newestAt = (reports: AnnualReports): number => Math.max(...reports.map(({ at }) => at))

/** Renders the page of a published year; null: the newest one. */
async function answerReport(ctx: ActionContext, year: number | null): Promise<TextAnswer> {
    const reports = await listAnnualReports(ctx)
    const report = year === null ? reports[0] : (reports.find((other) => other.year === year) ?? hide())
    if (report === undefined) return publicText(renderNoReport(publisher(ctx)), html, null)
    const years = reports.map((other) => other.year)
    return publicText(renderAnnualReport({ ...report, years, publisher: publisher(ctx) }), html, newestAt(reports))
}

export const publicReportRoutes = [
    route(
        {
            method: "GET",
            side: "portal",
            permission: "public",
            path: annualReportPath,
            summary: "Returns the newest annual report, as a page",
        },
        async (ctx) => await answerReport(ctx, null),
    ),
    route(
        {
            method: "GET",
            side: "portal",
            permission: "public",
            path: `${annualReportPath}/{year}`,
            summary: "Returns the annual report of a year, as a page",
            params: byYear,
        },
        async (ctx) => await answerReport(ctx, Number(ctx.params.year)),
    ),
    publicReportRoute(".csv", "Returns the annual reports as CSV", csvType, (reports) =>
        csvOf([yearColumnTitles, ...yearRows(reports)]),
    ),
    publicReportRoute(".json", "Returns the annual reports as JSON", jsonType, (annualReports) => {
        const reports = annualReports.map(({ year, at, figures }) => ({ year, at: formatInstant(at), figures }))
        return `${JSON.stringify({ reports }, null, 2)}\n`
    }),
]
