/** The operator's console: maps addresses to screens. */
import { createRootRoute, createRoute } from "@tanstack/react-router"
import { useParam } from "./kit/address.ts"
import { SignIn } from "./kit/app.tsx"
import { ApplicationScreen } from "./console/partners/application.tsx"
import { Applications } from "./console/partners/applications.tsx"
import { Agreements } from "./console/partners/agreements.tsx"
import { Canaries } from "./console/artifacts/canaries.tsx"
import { CaseScreen } from "./console/cases/case.tsx"
import { CasesScreen } from "./console/cases/cases.tsx"
import { ClocksScreen } from "./console/clocks/clocks.tsx"
import { DuesScreen } from "./console/partners/requirements.tsx"
import { Evidence, EvidenceList } from "./console/leaks/evidence.tsx"
import { Exposure } from "./console/leaks/exposure.tsx"
import { Home } from "./console/overview/home.tsx"
import { Inquiries } from "./console/leaks/inquiries.tsx"
import { InquiryScreen } from "./console/leaks/inquiry.tsx"
import { LedgerScreen } from "./console/leaks/cross-case-evidence.tsx"
import { PlanScreen } from "./console/release/default-schedule.tsx"
import { PartnerScreen } from "./console/partners/partner.tsx"
import { Measures } from "./console/measures/measures.tsx"
import { Partners } from "./console/partners/partners.tsx"
import { ProcedureScreen } from "./console/measures/procedures.tsx"
import { Persons } from "./console/partners/staff.tsx"
import { Policies, PolicyScreen } from "./console/access/policies.tsx"
import { RecordScreen } from "./console/audit-log/audit-log.tsx"
import { Reports } from "./console/statistics/statistics.tsx"
import { RulesScreen } from "./console/partners/program-rules.tsx"
import { MyAccess, Nowhere, SignedInFrame } from "./console/frame.tsx"

const root = createRootRoute({ notFoundComponent: Nowhere })
const signIn = createRoute({ getParentRoute: () => root, path: "/sign-in", component: SignIn })
const signedIn = createRoute({ getParentRoute: () => root, id: "signed-in", component: SignedInFrame })

const at = (path: string, component: () => React.ReactNode) =>
    createRoute({ getParentRoute: () => signedIn, path, component })

const oneCase = at("/cases/$id", () => <CaseScreen id={useParam("id")} />)
const onePartner = at("/partners/$id", () => <PartnerScreen id={useParam("id")} />)
const oneApplication = at("/applications/$id", () => <ApplicationScreen id={useParam("id")} />)
const onePolicy = at("/policies/$version", () => <PolicyScreen version={Number(useParam("version"))} />)
const oneEvidence = at("/evidence/$id", () => <Evidence id={useParam("id")} />)

const oneProcedure = at("/procedures/$id", () => <ProcedureScreen id={useParam("id")} />)
const oneInquiry = at("/inquiries/$id", () => <InquiryScreen id={useParam("id")} />)

const screens = [
    ...[at("/", Home), at("/cases", CasesScreen), at("/partners", Partners), at("/policies", Policies)],
    ...[
        at("/evidence", EvidenceList),
        at("/evidence/cross-case", LedgerScreen),
        at("/canaries", Canaries),
        at("/inquiries", Inquiries),
        at("/measures", Measures),
        at("/exposure", Exposure),
    ],
    ...[
        at("/schedule", PlanScreen),
        at("/regulatory-clocks", ClocksScreen),
        at("/applications", Applications),
        at("/requirements", DuesScreen),
        at("/program-rules", RulesScreen),
    ],
    ...[at("/agreements", Agreements), at("/statistics", Reports), at("/staff", Persons), at("/me", MyAccess)],
    ...[
        at("/audit-log", RecordScreen),
        oneCase,
        onePartner,
        oneApplication,
        onePolicy,
        oneEvidence,
        oneInquiry,
        oneProcedure,
    ],
]

export const consoleTree = root.addChildren([signIn, signedIn.addChildren(screens)])
