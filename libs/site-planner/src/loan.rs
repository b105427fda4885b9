//! Loans to the cent: annuity, grace, fees, drawing, and the grant element.

use crate::fixed::{Cents, Fixed, div_half_up};
use crate::site::Loan;
use serde::Serialize;

/// Parts of a cent in which the annuity is found.
const PART: i128 = 1_000_000_000;
/// Parts of one in which discount factors are kept.
const UNIT: i128 = 1_000_000_000_000_000_000;

/// How a loan is paid back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repayment {
    /// The same payment each time.
    Annuity,
    /// The same part of the loan each time.
    EqualPrincipal,
}

/// One period of a loan.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Period {
    /// Its number from 1.
    pub period: u64,
    /// Drawn at its beginning.
    pub drawn: Cents,
    /// Paid at its end: interest.
    pub interest: Cents,
    /// Paid at its end: part of the loan.
    pub principal: Cents,
    /// Paid at its end, for what is not yet drawn; at the beginning of the first also what is due at signing.
    pub fees: Cents,
    /// Owed after it.
    pub balance: Cents,
}

impl Period {
    /// Everything paid in it.
    #[must_use]
    pub const fn paid(&self) -> Cents {
        self.interest.plus(self.principal).plus(self.fees)
    }
}

/// Interest of one period on a balance, rounded half up to the cent.
fn interest(balance: Cents, percent_a_year: Fixed, payments: u64) -> Cents {
    let by = 100_000_000 * i128::from(payments.max(1));
    Cents(div_half_up(balance.0.saturating_mul(percent_a_year.micro()), by))
}

/// The payment with which a debt ends at nothing after so many periods: found by halving, since what is left falls as the payment
/// rises; exact to a billionth of a cent before it is rounded half up to the cent.
#[must_use]
pub fn annuity(debt: Cents, percent_a_year: Fixed, payments: u64, periods: u64) -> Cents {
    let start = debt.0.saturating_mul(PART);
    let by = 100_000_000 * i128::from(payments.max(1));
    let interest = |balance: i128| div_half_up(balance.saturating_mul(percent_a_year.micro()), by);
    let pays_off = |payment: i128| {
        let mut left = start;
        for _ in 0..periods {
            left = left + interest(left) - payment;
            if left <= 0 {
                return true;
            }
            if left > start {
                return false;
            }
        }
        false
    };
    let (mut low, mut high) = (0, start + interest(start) + 1);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if pays_off(middle) { high = middle } else { low = middle }
    }
    Cents(div_half_up(high, PART))
}

/// The whole schedule. The last payment takes what rounding left, so that nothing is owed after it.
#[must_use]
pub fn schedule(face: Cents, terms: &Loan) -> Vec<Period> {
    let periods = terms.years * terms.payments;
    let grace = terms.grace_years * terms.payments;
    let repaying = periods.saturating_sub(grace).max(1);
    let part = Cents(face.0 / i128::from(terms.draws.max(1)));
    let payment = annuity(face, terms.rate, terms.payments, repaying);
    let (mut balance, mut undrawn) = (Cents::ZERO, face);
    let mut list = Vec::new();
    for period in 1..=periods {
        let drawn = if period < terms.draws { part } else { undrawn };
        undrawn = undrawn.minus(drawn);
        balance = balance.plus(drawn);
        let interest_due = interest(balance, terms.rate, terms.payments);
        let principal = if period == periods {
            balance
        } else if period <= grace {
            Cents::ZERO
        } else {
            let due = match terms.repayment {
                Repayment::Annuity => payment.minus(interest_due),
                Repayment::EqualPrincipal => Cents(div_half_up(face.0, i128::from(repaying))),
            };
            due.min(balance).max(Cents::ZERO)
        };
        balance = balance.minus(principal);
        let mut fees = interest(undrawn, terms.commitment, terms.payments);
        if period == 1 {
            fees = fees.plus(face.scaled(terms.upfront.percent()));
        }
        list.push(Period { period, drawn, interest: interest_due, principal, fees, balance });
    }
    list
}

/// The factor by which one period's discount makes money smaller, so that a year's periods together discount by so many percent.
fn discount_factor(percent_a_year: Fixed, payments: u64) -> i128 {
    let year = UNIT / (100_000_000 + percent_a_year.micro()) * 100_000_000;
    let power = |root: i128| (0..payments).fold(UNIT, |value, _| value * root / UNIT);
    let (mut low, mut high) = (0, UNIT);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if power(middle) <= year { low = middle } else { high = middle }
    }
    low
}

/// The grant element in percent: how much less the payments are worth, discounted, than what is drawn. OECD's DAC and the IMF
/// discount at 5 % a year; each period by the root that makes a year. What is due at signing counts at signing.
#[must_use]
pub fn grant_element(schedule: &[Period], face: Cents, terms: &Loan, percent_a_year: Fixed) -> Fixed {
    let factor = discount_factor(percent_a_year, terms.payments);
    let upfront = face.scaled(terms.upfront.percent());
    let (mut drawn, mut paid, mut now) = (0_i128, upfront.0.saturating_mul(1_000_000), UNIT);
    let worth = |amount: Cents, at: i128| {
        amount.0.saturating_mul(1_000_000).saturating_mul(at / 1_000_000_000) / (UNIT / 1_000_000_000)
    };
    for period in schedule {
        drawn += worth(period.drawn, now);
        now = now * factor / UNIT;
        let mut at_end = period.paid();
        if period.period == 1 {
            at_end = at_end.minus(upfront);
        }
        paid += worth(at_end, now);
    }
    if drawn <= 0 { Fixed::ZERO } else { Fixed::from_micro(div_half_up((drawn - paid) * 100_000_000, drawn)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fixed(text: &str) -> Fixed {
        Fixed::parse(text).unwrap()
    }

    fn terms(rate: &str, years: u64, grace_years: u64, payments: u64) -> Loan {
        Loan {
            rate: fixed(rate),
            years,
            grace_years,
            payments,
            repayment: Repayment::Annuity,
            upfront: Fixed::ZERO,
            commitment: Fixed::ZERO,
            draws: 1,
            prepayment: Fixed::ZERO,
        }
    }

    #[test]
    fn payments_as_the_textbook_has_them() {
        // 100,000.00 at 6 % over 30 years, monthly: 599.55.
        assert_eq!(annuity(Cents(10_000_000), fixed("6"), 12, 360), Cents(59_955));
        // Without interest it is a division.
        assert_eq!(annuity(Cents(10_000), Fixed::ZERO, 12, 12), Cents(833));
        assert_eq!(annuity(Cents(10_000), fixed("12"), 1, 1), Cents(11_200));
    }

    #[test]
    fn a_grant_element_as_the_lenders_reckon_it() {
        // A loan at the discount's own rate, paid once a year, is no gift.
        let same = terms("5", 20, 5, 1);
        let face = Cents(100_000_000);
        assert_eq!(grant_element(&schedule(face, &same), face, &same, fixed("5")).round(), 0);
        // IDA's regular credit: 0.75 % a year, 38 years, 6 of grace, equal parts twice a year: about 53 %.
        let ida = Loan { repayment: Repayment::EqualPrincipal, ..terms("0.75", 38, 6, 2) };
        let percent = grant_element(&schedule(face, &ida), face, &ida, fixed("5"));
        assert!((Fixed::int(51)..Fixed::int(56)).contains(&percent), "{percent}");
        // Fees at signing lessen it by what they are.
        let with_fee = Loan { upfront: fixed("2"), ..ida.clone() };
        let less = grant_element(&schedule(face, &with_fee), face, &with_fee, fixed("5"));
        assert_eq!(percent.minus(less).in_decimals(3), 2_000);
    }

    #[test]
    fn fees_are_on_what_is_not_drawn() {
        let loan = Loan { commitment: fixed("0.5"), draws: 4, ..terms("2", 10, 2, 2) };
        let list = schedule(Cents(1_000_003), &loan);
        assert_eq!(list.iter().map(|p| p.drawn).sum::<Cents>(), Cents(1_000_003));
        assert_eq!(list[0].drawn, Cents(250_000));
        assert_eq!(list[0].fees, Cents(div_half_up(750_003 * 5, 2_000)));
        assert!(list[3..].iter().all(|p| p.fees == Cents::ZERO));
    }

    proptest! {
        #[test]
        fn the_last_period_ends_at_nothing_and_the_parts_are_the_loan(
            face in 1_i128..10_000_000_000_000, rate in 0_i128..40_000_000, years in 1_u64..40, grace in 0_u64..10,
            payments in prop::sample::select(vec![1_u64, 2, 4, 12]), equal in any::<bool>(),
        ) {
            let repayment = if equal { Repayment::EqualPrincipal } else { Repayment::Annuity };
            let loan = Loan { rate: Fixed::from_micro(rate), repayment, ..terms("0", years, grace.min(years - 1), payments) };
            let list = schedule(Cents(face), &loan);
            prop_assert_eq!(list.last().map(|p| p.balance), Some(Cents::ZERO));
            prop_assert_eq!(list.iter().map(|p| p.principal).sum::<Cents>(), Cents(face));
            prop_assert!(list.iter().all(|p| p.balance >= Cents::ZERO && p.interest >= Cents::ZERO));
            if !equal {
                // Rounding is at most half a cent a period, with interest: the last payment differs by little.
                let repaying = list.len() as i128 - i128::from(loan.grace_years * payments);
                let payment = annuity(Cents(face), loan.rate, payments, repaying as u64);
                let last = list.last().unwrap();
                let growth = 1 + rate * i128::from(years) / 10_000_000;
                let off = (last.interest.plus(last.principal).0 - payment.0).abs();
                prop_assert!(off <= repaying * growth * growth.max(8), "{off}");
            }
        }
    }
}
