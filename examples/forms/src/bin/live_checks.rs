//! See the module `live_checks` of the library.

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    example_forms::serve(example_forms::live_checks::app().await?).await;
    Ok(())
}
