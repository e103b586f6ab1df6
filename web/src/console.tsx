/** The operator's console: maps addresses to screens. Each screen is loaded when it is first opened. */
import { createRootRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router"
import type { CaseTab } from "./console/cases/case-reads.ts"
import type { ReportsView } from "./console/cases/reports/reports-reads.ts"
import type { PartnerTab } from "./console/partners/partner/partner.tsx"
import type { InquiryTab } from "./console/leaks/inquiry/inquiry.tsx"
import { useParam } from "./kit/address.ts"
import { SignIn, SignOn } from "./kit/sign-in/sign-in.tsx"
import { MyAccess, Nowhere, SignedInFrame, Stranger } from "./console/frame.tsx"

const root = createRootRoute({ notFoundComponent: Nowhere })
const signIn = createRoute({ getParentRoute: () => root, path: "/sign-in", component: SignInScreen })
const signOn = createRoute({ getParentRoute: () => root, path: "/sso/$provider", component: SignOn })
const signedIn = createRoute({ getParentRoute: () => root, id: "signed-in", component: SignedInFrame })

function SignInScreen() {
    return (
        <SignIn>
            <Stranger />
        </SignIn>
    )
}

type Screen = () => React.ReactNode

const at = (path: string, load: () => Promise<Screen>) =>
    createRoute({
        getParentRoute: () => signedIn,
        path,
        component: lazyRouteComponent(async () => ({ default: await load() })),
    })

const caseTab = (tab: Exclude<CaseTab, "reports">, path: string) =>
    at(`/cases/$id${path}`, async () => {
        const { CaseScreen } = await import("./console/cases/case.tsx")
        return () => <CaseScreen id={useParam("id")} tab={tab} />
    })

const partnerTab = (tab: PartnerTab, path: string) =>
    at(`/partners/$id${path}`, async () => {
        const { PartnerScreen } = await import("./console/partners/partner/partner.tsx")
        return () => <PartnerScreen id={useParam("id")} tab={tab} />
    })

const reportsView = (view: ReportsView, path: string) =>
    at(`/cases/$id/reports${path}`, async () => {
        const { ReportsScreen } = await import("./console/cases/reports/reports-screen.tsx")
        return () => (
            <ReportsScreen id={useParam("id")} view={view} clock={useParam("clock")} filing={useParam("filing")} />
        )
    })

const reports = [
    reportsView("protection", ""),
    reportsView("sightings", "/sightings"),
    reportsView("tests", "/tests"),
    reportsView("filings", "/filings"),
    reportsView("filings", "/filings/$clock/$filing"),
]

const cases = [
    at("/cases", async () => (await import("./console/cases/cases.tsx")).CasesScreen),
    at("/cases/access", async () => (await import("./console/access/open-cases.tsx")).OpenCasesAccess),
    caseTab("overview", ""),
    caseTab("access", "/access"),
    caseTab("artifacts", "/artifacts"),
    caseTab("release", "/release"),
    at("/cases/$id/release/correction", async () => {
        const { CorrectionScreen } = await import("./console/release/correction/correction.tsx")
        return () => <CorrectionScreen id={useParam("id")} />
    }),
    at("/cases/$id/release/$wave", async () => {
        const { CaseScreen } = await import("./console/cases/case.tsx")
        return () => <CaseScreen id={useParam("id")} tab="release" wave={useParam("wave")} />
    }),
    ...reports,
    caseTab("embargo", "/embargo"),
    caseTab("questions", "/questions"),
    caseTab("history", "/history"),
    at("/schedule", async () => (await import("./console/schedule/schedule.tsx")).ScheduleScreen),
    at("/schedule/clocks", async () => (await import("./console/clocks/clocks.tsx")).ClocksScreen),
    at("/schedule/default", async () => (await import("./console/schedule/default-schedule.tsx")).DefaultSchedule),
]

const partners = [
    at("/partners", async () => (await import("./console/partners/directory/directory.tsx")).Directory),
    at(
        "/partners/applications",
        async () => (await import("./console/partners/applications/applications.tsx")).Applications,
    ),
    at("/partners/applications/$id", async () => {
        const { ApplicationScreen } = await import("./console/partners/applications/application.tsx")
        return () => <ApplicationScreen id={useParam("id")} />
    }),
    at("/partners/import", async () => (await import("./console/partners/import/import-page.tsx")).ImportPage),
    at("/partners/import/$id", async () => {
        const { RequestedImport } = await import("./console/partners/import/requested-import.tsx")
        return () => <RequestedImport id={useParam("id")} />
    }),
    at("/partners/requirements", async () => (await import("./console/partners/requirements.tsx")).RequirementsScreen),
    at("/partners/agreement", async () => (await import("./console/partners/agreements.tsx")).Agreements),
    partnerTab("overview", ""),
    partnerTab("requirements", "/requirements"),
    partnerTab("people", "/people"),
    partnerTab("copies", "/copies"),
    partnerTab("history", "/history"),
    at("/policy", async () => (await import("./console/access/policies.tsx")).Policies),
    at("/policy/program-rules", async () => (await import("./console/partners/program-rules.tsx")).ProgramRulesScreen),
    at("/policy/$version", async () => {
        const { PolicyScreen } = await import("./console/access/policy.tsx")
        return () => <PolicyScreen version={Number(useParam("version"))} />
    }),
]

const inquiryTab = (tab: InquiryTab, path: string) =>
    at(`/leaks/inquiries/$id${path}`, async () => {
        const { InquiryScreen } = await import("./console/leaks/inquiry/inquiry.tsx")
        return () => <InquiryScreen id={useParam("id")} tab={tab} />
    })

const leaks = [
    at("/leaks/inquiries", async () => (await import("./console/leaks/inquiry/inquiries.tsx")).Inquiries),
    inquiryTab("board", ""),
    inquiryTab("exposure", "/exposure"),
    inquiryTab("questions", "/questions"),
    inquiryTab("finding", "/finding"),
    inquiryTab("release", "/release"),
    inquiryTab("history", "/history"),
    at("/leaks/evidence", async () => (await import("./console/leaks/evidence/evidence-list.tsx")).EvidenceList),
    at("/leaks/evidence/$id", async () => {
        const { Evidence } = await import("./console/leaks/evidence/evidence.tsx")
        return () => <Evidence id={useParam("id")} />
    }),
    at("/leaks/exposure", async () => (await import("./console/leaks/exposure/exposure.tsx")).Exposure),
    at("/leaks/canaries", async () => (await import("./console/leaks/canaries.tsx")).Canaries),
    at("/leaks/cross-case", async () => (await import("./console/leaks/cross-case-evidence.tsx")).CrossCaseEvidence),
    at("/leaks/measures", async () => (await import("./console/measures/measures.tsx")).Measures),
    at("/leaks/procedures/$id", async () => {
        const { ProcedureScreen } = await import("./console/measures/procedures.tsx")
        return () => <ProcedureScreen id={useParam("id")} />
    }),
]

const others = [
    at("/", async () => (await import("./console/overview/overview.tsx")).OverviewScreen),
    at("/audit-log", async () => (await import("./console/audit-log/audit-log.tsx")).AuditLogScreen),
    at("/statistics", async () => (await import("./console/statistics/statistics.tsx")).StatisticsScreen),
    at("/settings/people", async () => (await import("./console/settings/people.tsx")).People),
    at("/settings", async () => (await import("./console/settings/first-tab.tsx")).FirstTab),
    at("/settings/keys", async () => (await import("./console/settings/keys.tsx")).KeysScreen),
    at("/settings/channels", async () => (await import("./console/settings/channels.tsx")).ChannelsScreen),
    at("/settings/health", async () => (await import("./console/settings/health.tsx")).HealthScreen),
    at("/settings/regimes", async () => (await import("./console/settings/regimes.tsx")).RegimesScreen),
    at("/settings/clocks", async () => (await import("./console/settings/clocks.tsx")).ClockSettings),
    at("/settings/access", async () => MyAccess),
]

export const consoleTree = root.addChildren([
    signIn,
    signOn,
    signedIn.addChildren([...others, ...cases, ...partners, ...leaks]),
])
