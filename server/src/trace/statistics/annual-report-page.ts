/** Presents the annual report of a year as a public page. It names no partner and is the same for all readers. */
import { type Markup, element } from "@tocsin/formats/advisory/markup"
import { annualReportPath, dayText, pageHead, pageOf, sectionOf, tableOf } from "@tocsin/formats/advisory/public-page"
import type { Publisher } from "@tocsin/formats/advisory/advisory"
import type { Instant } from "@tocsin/base/instant"
import { valueText } from "@tocsin/base/value-text"
import type { Outcome } from "../../share/entitlement/ruling.ts"
import { tiers } from "../../trust/partners/partner.ts"
import { outcomes } from "./access-shares.ts"
import {
    type MonthCount,
    type TierTimes,
    monthsChart,
    outcomeSign,
    sharesBar,
    timesChart,
} from "./annual-report-charts.ts"
import type { AnnualFigure, AnnualFigureId } from "./annual-figures.ts"
import { publicFigures } from "./figures.ts"

/** The published annual report. */
export interface AnnualReport {
    readonly year: number
    readonly at: Instant
    readonly figures: readonly AnnualFigure[]
}

/** A report as its page shows it. `at` null: a preview. */
export interface ReportPage extends Omit<AnnualReport, "at"> {
    readonly at: Instant | null
    readonly publisher: Publisher
    /** The published years, newest first. */
    readonly years: readonly number[]
}

/** Renders the page of one year. */
export function renderAnnualReport({ year, at, figures, publisher, years }: ReportPage): string {
    const find = figureFinder(figures)
    const others = years.filter((other) => other !== year)
    const above =
        at === null ? "Preview of the annual report, not published" : `Annual report, published ${dayText(at)}`
    return pageOf(
        { title: `Annual report ${year} of ${publisher.name}`, publisher, section: "report" },
        pageHead(
            [above],
            headline(year, find),
            element(
                "p",
                { class: "lead" },
                "Warnings, lead times and access of the program. Groups of partners that are too small are left out.",
            ),
        ),
        numbers(find),
        element("div", { class: "halves" }, timesSection(figures), monthsSection(figures)),
        accessSection(figures),
        element("div", { class: "halves" }, measuresSection(find), limitsSection(figures)),
        sectionOf(
            "All figures",
            folded(
                tableOf(["Figure", "Count", "Quartiles"], figures.filter(isGeneral).map(pageRow)),
                element("p", { class: "soft" }, quartilesExplained),
            ),
            downloads(),
            ...(others.length === 0 ? [] : [otherYears(others)]),
        ),
    )
}

/** Renders the page before the first publication. */
export function renderNoReport(publisher: Publisher): string {
    return pageOf(
        { title: `Annual reports of ${publisher.name}`, publisher, section: "report" },
        pageHead(
            [publisher.name],
            "Annual reports",
            element(
                "p",
                { class: "lead" },
                "No annual report yet. It appears here after two people of the operator publish a year.",
            ),
        ),
    )
}

type Find = (id: AnnualFigureId) => AnnualFigure | undefined

const figureFinder =
    (figures: readonly AnnualFigure[]): Find =>
    (id) =>
        figures.find((figure) => figure.id === id)

const isGeneral = ({ id }: AnnualFigure): boolean => publicFigures.some((general) => general === id)

/** Returns the title of the page, computed from the figures. */
function headline(year: number, find: Find): string {
    const share = find("protected_before_publication")?.count ?? null
    const cases = find("cases_published")?.count ?? 0
    if (cases === 0) return `In ${year}, no case was published`
    if (share === null) return `In ${year}, ${counted(cases, "case")} ${cases === 1 ? "was" : "were"} published`
    if (share > 50) return `In ${year}, most warned partners reported protection before publication`
    return `In ${year}, ${share} % of warned partners reported protection before publication`
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`

function numbers(find: Find): Markup {
    const count = (id: AnnualFigureId) => find(id)?.count ?? 0
    const share = find("protected_before_publication")?.count ?? null
    const median = find("notice_to_protection")?.quartiles?.median ?? null
    const [published, vulnerabilities] = [count("cases_published"), find("vulnerabilities_published")?.count ?? 0]
    const exploited = count("cases_exploited")
    const noun = vulnerabilities === 1 ? "vulnerability" : "vulnerabilities"
    const items: readonly (readonly [value: readonly (Markup | string)[], text: string])[] = [
        [[String(published)], `${published === 1 ? "case" : "cases"} published, with ${vulnerabilities} ${noun}`],
        share === null
            ? [["–"], "share of partners that reported protection before publication: too few partners to show"]
            : [[String(share), small("%")], "of warned partners reported protection before publication"],
        median === null
            ? [["–"], "median from notice to protection: too few partners to show"]
            : [spanMarkup(median), "median from notice to protection"],
        [
            [String(exploited)],
            `${exploited === 1 ? "case" : "cases"} exploited before publication` +
                (exploited === 0 ? "" : `; in ${count("exploited_ended_early")} the embargo ended early`),
        ],
    ]
    return element(
        "dl",
        { class: "numbers" },
        ...items.map(([value, text]) => element("div", {}, element("dt", {}, text), element("dd", {}, ...value))),
    )
}

const small = (text: string): Markup => element("small", {}, text)

/** Hours in two units: `2 d 16 h`. */
function spanParts(hours: number): (readonly [count: number, unit: string])[] {
    const [days, rest] = [Math.floor(hours / 24), hours % 24]
    if (days === 0) return [[rest, "h"]]
    return rest === 0
        ? [[days, "d"]]
        : [
              [days, "d"],
              [rest, "h"],
          ]
}

const spanMarkup = (hours: number): (Markup | string)[] =>
    spanParts(hours).flatMap(([count, unit], n) => [`${n === 0 ? "" : " "}${count}`, small(unit)])

const spanText = (hours: number): string =>
    spanParts(hours)
        .map((part) => part.join(" "))
        .join(" ")

/** A table behind a summary, closed at first; open on paper. */
const folded = (...content: readonly Markup[]): Markup =>
    element("details", {}, element("summary", {}, "Show as a table"), ...content)

const captionOf = (...text: readonly (Markup | string)[]): Markup => element("p", { class: "soft caption" }, ...text)

function tierTimesOf(figures: readonly AnnualFigure[]): TierTimes[] {
    return tiers.toReversed().flatMap((tier) => {
        const figure = figures.find(({ id, category }) => id === "protection_by_tier" && category === tier)
        return figure?.quartiles ? [{ tier, name: tierName(tier), quartiles: figure.quartiles }] : []
    })
}

const tierName = (tier: string): string => `${tier.charAt(0).toUpperCase()}${tier.slice(1)}`

function timesSection(figures: readonly AnnualFigure[]): Markup {
    const times = tierTimesOf(figures)
    const title = "Time from notice to protection"
    if (times.length === 0) return sectionOf(title, element("p", {}, "Too few partners to show."))
    const rows = times.map(({ name, quartiles: { first, median, third } }) => [
        name,
        ...[first, median, third].map(spanText),
    ])
    return sectionOf(
        title,
        captionOf("Share of the partners that reported protection before publication, by tier"),
        timesChart(`${title}, by tier; the table below has the values`, times),
        folded(tableOf(["Tier", "A quarter within", "Half within", "Three quarters within"], rows)),
    )
}

const monthNames = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]

function monthsSection(figures: readonly AnnualFigure[]): Markup {
    const months = figures
        .filter(({ id }) => id === "published_in_month")
        .map(({ category, count }): MonthCount => {
            const exploited = figures.find((other) => other.id === "exploited_in_month" && other.category === category)
            const name = monthNames[Number(category?.slice(5)) - 1] ?? ""
            return { name, published: count ?? 0, exploited: exploited?.count ?? 0 }
        })
    const rows = months.map(({ name, published, exploited }) => [name, String(published), String(exploited)])
    return sectionOf(
        "Cases published, by month",
        captionOf(
            element("b", { class: "calm-text" }, "Not exploited"),
            " and, above it, ",
            element("b", { class: "exploited-text" }, "exploited"),
            " before publication",
        ),
        monthsChart("Cases published, by month; the table below has the values", months),
        folded(tableOf(["Month", "Published", "Exploited before publication"], rows)),
    )
}

const outcomeNames: Readonly<Record<Outcome, string>> = {
    full: "Full",
    reduced: "Reduced",
    at_publication: "At publication",
    withheld: "Withheld",
}

const classNames: Readonly<Record<string, string>> = { repro: "Steps to reproduce", poc: "Proof of concept" }

const className = (category: string): string => classNames[category] ?? tierName(category)

interface ClassAccess {
    readonly name: string
    /** By outcome; null: too few partners to show. */
    readonly percents: readonly (number | null)[]
}

function classAccessOf(figures: readonly AnnualFigure[]): ClassAccess[] {
    const access = figures.filter(({ id }) => id.startsWith("access_"))
    return [...Map.groupBy(access, ({ category }) => category ?? "")].map(([category, list]) => ({
        name: className(category),
        percents: outcomes.map((outcome) => list.find(({ id }) => id === `access_${outcome}`)?.count ?? null),
    }))
}

const isShown = ({ percents }: ClassAccess): boolean => percents.some((percent) => percent !== null && percent > 0)

function accessSection(figures: readonly AnnualFigure[]): Markup {
    const classes = classAccessOf(figures)
    const shown = classes.filter(isShown)
    if (shown.length === 0) return sectionOf("Access by class", element("p", {}, "Too few partners to show."))
    const percentText = (percent: number | null) => (percent === null ? "too few to show" : `${percent} %`)
    return sectionOf(
        "Access by class",
        captionOf("Percent of all decisions, shortly before publication"),
        element(
            "ul",
            { class: "legend" },
            ...outcomes.map((outcome) => element("li", {}, outcomeSign(outcome), outcomeNames[outcome])),
        ),
        element("dl", { class: "shares" }, ...shown.flatMap(shareRow)),
        folded(
            tableOf(
                ["Class", ...outcomes.map((outcome) => outcomeNames[outcome])],
                classes.map(({ name, percents }) => [name, ...percents.map(percentText)]),
            ),
        ),
    )
}

function shareRow({ name, percents }: ClassAccess): Markup[] {
    const shares = outcomes.flatMap((outcome, n) => {
        const percent = percents[n] ?? null
        return percent === null || percent === 0 ? [] : [{ outcome, percent }]
    })
    const parts = shares.map(({ outcome, percent }) => `${outcomeNames[outcome].toLowerCase()} ${percent} %`)
    return [element("dt", {}, name), element("dd", {}, sharesBar(shares), small(parts.join(", ")))]
}

function measuresSection(find: Find): Markup {
    const count = find("suspended_or_terminated")?.count ?? null
    const sentence =
        count === null
            ? "The number is not shown: no partners, or too few to show, were suspended or terminated."
            : `${count} partners were suspended or terminated.`
    return sectionOf("Measures", element("p", {}, sentence))
}

function limitsSection(figures: readonly AnnualFigure[]): Markup {
    const leftOut = [
        ...tiers
            .filter((tier) => !tierTimesOf(figures).some((times) => times.tier === tier))
            .map((tier) => `times of the ${tierName(tier)} tier`),
        ...classAccessOf(figures)
            .filter((item) => !isShown(item))
            .map(({ name }) => `access to ${name.toLowerCase()}`),
    ]
    return sectionOf(
        "Limits of these figures",
        element(
            "p",
            {},
            "The figures count published cases, by the month of publication. Partners report their own protection " +
                "status, and unreported sightings are missing. Each partner counts once: as protected, if it was " +
                "protected in at least half of its cases.",
        ),
        ...(leftOut.length === 0
            ? []
            : [element("p", {}, `Left out, because they are about too few partners: ${leftOut.join("; ")}.`)]),
    )
}

const quartilesExplained =
    "Quartiles are three numbers: a quarter of the cases or partners is at the first or below, half at the second " +
    "(the median), and three quarters at the third. Where there are too few for a group, no number is shown. “–” " +
    "marks a figure that is only a count."

/** Returns a row with few columns, to fit a telephone. */
function pageRow({ id, category, about, count, quartiles, unit }: AnnualFigure): string[] {
    const countedNoun = count === 1 ? about.slice(0, -1) : about
    return [
        category === null ? valueText(id) : `${valueText(id)}: ${valueText(category)}`,
        count === null ? `too few ${about} to show` : `${count} ${countedNoun}`,
        quartilesIn({ quartiles, unit, about }),
    ]
}

function quartilesIn({ quartiles, unit, about }: Pick<AnnualFigure, "quartiles" | "unit" | "about">): string {
    if (quartiles !== null) return `${quartiles.first}, ${quartiles.median}, ${quartiles.third} ${unit ?? ""}`.trim()
    return unit === null ? "–" : `too few ${about} to show`
}

function downloads(): Markup {
    return element(
        "p",
        {},
        "All years as ",
        element("a", { href: `${annualReportPath}.csv` }, "CSV"),
        " and ",
        element("a", { href: `${annualReportPath}.json` }, "JSON"),
        ".",
    )
}

function otherYears(years: readonly number[]): Markup {
    const links = years.flatMap((year, n) => [
        ...(n === 0 ? [] : [", "]),
        element("a", { href: `${annualReportPath}/${year}` }, String(year)),
    ])
    return element("p", {}, "Other years: ", ...links, ".")
}
