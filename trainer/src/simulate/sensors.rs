//! What each column of a reading is, and how it answers to damage.

/// One column: its value without damage, how far it moves until failure, and its noise.
#[derive(Debug, Clone, Copy)]
pub struct Sensor {
    /// The value of a unit without damage, in the sensor's own unit.
    pub base: f64,
    /// By how much it moves from no damage to failure.
    pub drift: f64,
    /// How far one standard deviation of the unit's spool trim moves it until failure.
    pub spool: f64,
    /// Standard deviation from cycle to cycle.
    pub noise: f64,
    /// Decimals in the file.
    pub decimals: usize,
}

const fn sensor(base: f64, drift: f64, spool: f64, noise: f64, decimals: usize) -> Sensor {
    Sensor { base, drift, spool, noise, decimals }
}

/// The 24 columns in C-MAPSS's order; names and units after Saxena et al., table 2. Drifts and
/// noises are rounded from what FD001's training units show on average.
pub const SENSORS: [Sensor; 24] = [
    sensor(0.0, 0.0, 0.0, 0.0022, 4),    // setting 1: altitude, 1000 ft
    sensor(0.0, 0.0, 0.0, 0.0003, 4),    // setting 2: Mach number
    sensor(100.0, 0.0, 0.0, 0.0, 1),     // setting 3: throttle resolver angle, %
    sensor(518.67, 0.0, 0.0, 0.0, 2),    // T2, total temperature at fan inlet, °R
    sensor(642.3, 1.5, 0.0, 0.3, 2),     // T24, at low-pressure compressor outlet, °R
    sensor(1586.0, 18.0, 0.0, 4.0, 2),   // T30, at high-pressure compressor outlet, °R
    sensor(1401.5, 30.0, 0.0, 4.0, 2),   // T50, at low-pressure turbine outlet, °R
    sensor(14.62, 0.0, 0.0, 0.0, 2),     // P2, pressure at fan inlet, psia
    sensor(21.61, 0.0, 0.0, 0.001, 2),   // P15, total pressure in bypass duct, psia
    sensor(554.1, -2.8, 0.0, 0.4, 2),    // P30, at high-pressure compressor outlet, psia
    sensor(2388.05, 0.2, 0.0, 0.03, 2),  // Nf, physical fan speed, rpm
    sensor(9055.0, 45.0, 45.0, 4.2, 2),  // Nc, physical core speed, rpm
    sensor(1.3, 0.0, 0.0, 0.0, 2),       // epr, engine pressure ratio P50/P2
    sensor(47.32, 0.9, 0.0, 0.1, 2),     // Ps30, static pressure at compressor outlet, psia
    sensor(522.0, -2.4, 0.0, 0.3, 2),    // phi, fuel flow to Ps30, pps/psi
    sensor(2388.05, 0.2, 0.0, 0.03, 2),  // NRf, corrected fan speed, rpm
    sensor(8136.5, 32.0, 40.0, 3.1, 2),  // NRc, corrected core speed, rpm
    sensor(8.414, 0.117, 0.0, 0.02, 4),  // BPR, bypass ratio
    sensor(0.03, 0.0, 0.0, 0.0, 2),      // farB, burner fuel-air ratio
    sensor(392.1, 4.5, 0.0, 0.94, 0),    // htBleed, bleed enthalpy
    sensor(2388.0, 0.0, 0.0, 0.0, 0),    // Nf_dmd, demanded fan speed, rpm
    sensor(100.0, 0.0, 0.0, 0.0, 2),     // PCNfR_dmd, demanded corrected fan speed, %
    sensor(38.96, -0.56, 0.0, 0.1, 2),   // W31, high-pressure turbine coolant bleed, lbm/s
    sensor(23.375, -0.33, 0.0, 0.06, 4), // W32, low-pressure turbine coolant bleed, lbm/s
];
