// Amounts as people read them: `49.00 USD` of 4900 minor units.

/** Return an amount in minor units of a currency as a text; without a currency, as cents of no name. */
export function money({ amount, currency }) {
  if (amount === null || amount === undefined) return "";
  const digits = digitsOf(currency);
  const text = (amount / 10 ** digits).toFixed(digits);
  return currency ? `${text} ${currency}` : text;
}

function digitsOf(currency) {
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
  } catch {
    return 2;
  }
}
